import type { Evidence } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { dns01Evidence } from '../testing/ca-evidence-fixture.ts';
import { after, host, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { challengeWasDelegated } from './challenge-was-delegated.ts';

async function delegatedEvidence(): Promise<Evidence> {
  const evidence = await dns01Evidence();
  for (const index of [0, 1])
    put(recorded(evidence, 'Challenge', index), ['spec', 'solver'], { dns01: { cnameStrategy: 'Follow' } });
  evidence.probes.push({
    kind: 'dns',
    name: probeNames.challengeAlias,
    at: after(1),
    durationMs: 2,
    servers: ['10.231.0.2'],
    host: `_acme-challenge.${host}`,
    type: 'CNAME',
    outcome: { records: ['shop.delegated.example.test'] },
  });
  return evidence;
}

function alias(evidence: Evidence) {
  const probe = evidence.probes.at(-1);
  if (probe?.kind !== 'dns') throw new Error('the fixture has no DNS probe');
  return probe;
}

describeCheck(
  challengeWasDelegated,
  delegatedEvidence,
  [challengeWasDelegated],
  [
    {
      name: 'there is no CNAME',
      mutate: (evidence) => {
        alias(evidence).outcome = { error: 'queryCname ENODATA', code: 'ENODATA' };
      },
      says: ['has no CNAME'],
    },
    { name: 'nobody asked', mutate: (evidence) => void evidence.probes.pop(), says: ['no DNS probe'] },
    {
      name: 'the alias is of another name',
      mutate: (evidence) => {
        alias(evidence).host = '_acme-challenge.other.example.test';
      },
      says: ['No Challenge for the name of _acme-challenge.other'],
    },
    {
      name: 'the solver does not follow',
      mutate: (evidence) => put(recorded(evidence, 'Challenge'), ['spec', 'solver'], { dns01: {} }),
      says: ['has the cnameStrategy None'],
    },
    {
      name: 'the Order is invalid',
      mutate: (evidence) => put(recorded(evidence, 'Order'), ['status', 'state'], 'invalid'),
      says: ['Every Order should be valid'],
    },
  ],
);
