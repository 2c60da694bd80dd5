import { txtProbeName } from '../../evidence/probe-names.ts';
import { dns01Evidence } from '../testing/ca-evidence-fixture.ts';
import { forgetProbe, host, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { challengesByDns01 } from './challenges-by-dns01.ts';

function txtOutcome(outcome: { records: string[] } | { error: string; code: string }) {
  return (evidence: Awaited<ReturnType<typeof dns01Evidence>>) => {
    const probe = evidence.probes.find(({ name }) => name === txtProbeName(host));
    if (probe?.kind === 'dns') probe.outcome = outcome;
  };
}

describeCheck(
  challengesByDns01,
  dns01Evidence,
  [challengesByDns01],
  [
    {
      name: 'a name was validated by HTTP-01',
      mutate: (evidence) => put(recorded(evidence, 'Challenge', 0), ['spec', 'type'], 'HTTP-01'),
      says: ['should be of type DNS-01, but is HTTP-01'],
    },
    {
      name: 'the wildcard was not treated as one',
      mutate: (evidence) => put(recorded(evidence, 'Challenge', 1), ['spec', 'wildcard'], undefined),
      says: [`No Challenge for *.${host}`],
    },
    {
      name: 'a Challenge did not become valid',
      mutate: (evidence) => put(recorded(evidence, 'Challenge', 1), ['status', 'state'], 'invalid'),
      says: ['should be valid, but is invalid'],
    },
    { name: 'a TXT record was left', mutate: txtOutcome({ records: ['abc'] }), says: ['still has 1 TXT record'] },
    {
      name: 'the name server gave no answer',
      mutate: txtOutcome({ error: 'queryTxt ESERVFAIL', code: 'ESERVFAIL' }),
      says: ['could not be looked up: queryTxt ESERVFAIL'],
    },
    {
      name: 'nobody looked',
      mutate: (evidence) => forgetProbe(evidence, txtProbeName(host)),
      says: ['no DNS probe for leftover TXT records'],
    },
  ],
);
