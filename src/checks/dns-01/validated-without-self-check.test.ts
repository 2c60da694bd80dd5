import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { dns01Evidence } from '../testing/ca-evidence-fixture.ts';
import { forget, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { validatedWithoutSelfCheck } from './validated-without-self-check.ts';

async function atOnceEvidence(): Promise<Evidence> {
  const evidence = await dns01Evidence();
  for (const index of [0, 1])
    put(recorded(evidence, 'Challenge', index), ['spec', 'solver'], { waitInsteadOfSelfCheck: '5s' });
  return evidence;
}

function end(evidence: Evidence, state: string, reason: string): void {
  put(recorded(evidence, 'Challenge'), ['status'], { state, reason });
}

describeCheck(
  validatedWithoutSelfCheck,
  atOnceEvidence,
  [validatedWithoutSelfCheck],
  [
    {
      name: 'a Challenge expired for another reason',
      mutate: (evidence) => end(evidence, 'expired', 'Error accepting challenge: 404 no such authorization'),
      says: ['is expired (Error accepting challenge: 404'],
    },
    {
      name: 'a Challenge is invalid',
      mutate: (evidence) => end(evidence, 'invalid', 'Cannot update challenge with status valid'),
      says: ['is invalid'],
    },
    {
      name: 'the Order is invalid',
      mutate: (evidence) => put(recorded(evidence, 'Order'), ['status', 'state'], 'invalid'),
      says: ['should be valid, but is invalid'],
    },
    {
      name: 'the Certificate is not Ready',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['status', 'conditions'], []),
      says: ['should be Ready True'],
    },
    {
      name: 'the solvers check by themselves',
      mutate: (evidence) => {
        for (const index of [0, 1]) put(recorded(evidence, 'Challenge', index), ['spec', 'solver'], { dns01: {} });
      },
      says: ['No Challenge has a solver with waitInsteadOfSelfCheck'],
    },
    {
      name: 'a Challenge with a self-check expired',
      mutate: (evidence) => {
        put(recorded(evidence, 'Challenge'), ['spec', 'solver'], { dns01: {} });
        end(evidence, 'expired', 'Cannot update challenge with status valid');
      },
      says: ['is expired'],
    },
    {
      name: 'a TXT record remains',
      mutate: (evidence) => {
        const probe = evidence.probes.at(-1);
        if (probe?.kind === 'dns') probe.outcome = { records: ['left'] };
      },
      says: ['A TXT record of _acme-challenge.'],
    },
    { name: 'no Challenge', mutate: (evidence) => forget(evidence, 'Challenge'), says: ['No Order with a Challenge'] },
  ],
);

test('a Challenge that was accepted twice is valid all the same', async () => {
  const evidence = await atOnceEvidence();
  end(evidence, 'expired', 'Error accepting challenge: 400 malformed: Cannot update challenge with status valid, only');
  expect(verdictOf(validatedWithoutSelfCheck, evidence)).toMatchObject({
    result: 'passed',
    message: expect.stringContaining('1 of which cert-manager accepted twice'),
  });
});
