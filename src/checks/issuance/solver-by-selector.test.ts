import type { Evidence } from '../../evidence/evidence.ts';
import { forget, goodEvidence, host, put, recorded, secondHost } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { solverBySelector } from './solver-by-selector.ts';

const byZone = { selector: { dnsZones: ['example.test'] }, dns01: { rfc2136: {} } };
const byName = { selector: { dnsNames: [host] }, http01: { ingress: {} } };

async function selectedEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence({ hosts: [host, secondHost] });
  put(recorded(evidence, 'Issuer'), ['spec', 'acme', 'solvers'], [byZone, byName]);
  put(recorded(evidence, 'Challenge', 1), ['spec', 'type'], 'DNS-01');
  return evidence;
}

describeCheck(
  solverBySelector,
  selectedEvidence,
  [solverBySelector],
  [
    {
      name: 'the zone won over the name',
      mutate: (evidence) => put(recorded(evidence, 'Challenge', 0), ['spec', 'type'], 'DNS-01'),
      says: [`for ${host} should be solved by http01`, 'is solved by dns01'],
    },
    {
      name: 'a name got a solver though no selector fits it',
      mutate: (evidence) => put(recorded(evidence, 'Challenge', 1), ['spec', 'dnsName'], 'blog.example.org'),
      says: ['blog.example.org, which no selector'],
    },
    {
      name: 'both names have one kind of solver',
      mutate: (evidence) => {
        put(
          recorded(evidence, 'Issuer'),
          ['spec', 'acme', 'solvers'],
          [byZone, { ...byZone, selector: { dnsNames: [host] } }],
        );
        put(recorded(evidence, 'Challenge', 0), ['spec', 'type'], 'DNS-01');
      },
      says: ['one kind of solver'],
    },
    {
      name: 'the Issuer has one solver',
      mutate: (evidence) => put(recorded(evidence, 'Issuer'), ['spec', 'acme', 'solvers'], [byZone]),
      says: ['No Issuer with several solvers'],
    },
    { name: 'no Challenge', mutate: (evidence) => forget(evidence, 'Challenge'), says: ['No Challenge'] },
  ],
);
