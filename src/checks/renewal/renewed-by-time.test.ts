import { expect, test } from 'vitest';
import { after, forget, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { renewalEvidence } from '../testing/renewal-evidence-fixture.ts';
import { renewalDue } from './renewal-due.ts';
import { renewedByTime } from './renewed-by-time.ts';

/** The state in which the Certificate begins to be renewed for the first time. */
function renewing(evidence: Parameters<typeof recorded>[0]) {
  const certificate = recorded(evidence, 'Certificate');
  const index = certificate.states.findIndex(({ at }) => at === after(35.4));
  return { ...certificate, states: certificate.states.slice(index, index + 1) };
}

describeCheck(
  renewedByTime,
  renewalEvidence,
  [renewedByTime],
  [
    {
      name: 'no Certificate was recorded',
      mutate: (evidence) => forget(evidence, 'Certificate'),
      says: ['No Certificate was recorded.'],
    },
    {
      name: 'the Secret never changed',
      mutate: (evidence) => void recorded(evidence, 'Secret').states.splice(1),
      says: ['held 1 leaf(s), so there was no renewal.'],
    },
    {
      name: 'somebody asked for it',
      mutate(evidence) {
        put(renewing(evidence), ['status', 'conditions', 1, 'reason'], 'ManuallyTriggered');
      },
      says: ['for another reason', 'ManuallyTriggered'],
    },
    {
      name: 'it began too early',
      mutate(evidence) {
        const [state] = renewing(evidence).states;
        if (state !== undefined) state.at = after(30);
      },
      says: ['was due for renewal at 2026-11-24T09:00:35.000Z, but its renewal began 5000 ms earlier'],
    },
    {
      name: 'it began late',
      mutate(evidence) {
        recorded(evidence, 'Secret').states.splice(2);
        const [state] = recorded(evidence, 'Secret').states.slice(1);
        if (state !== undefined) state.at = after(90);
        const [start] = renewing(evidence).states;
        if (start !== undefined) start.at = after(67);
      },
      says: ['but its renewal began 32000 ms later'],
    },
    {
      name: 'a renewal left no trace in the Certificate',
      mutate(evidence) {
        put(renewing(evidence), ['status', 'conditions', 1, 'status'], 'False');
      },
      says: ['does not show when it began to be renewed'],
    },
    {
      name: 'a shorter renewBefore was asked for',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['spec', 'renewBefore'], '4m30s'),
      says: ['earlier'],
    },
  ],
);

test('a percentage of the validity decides where renewBefore is not set', async () => {
  const evidence = await renewalEvidence();
  const certificate = recorded(evidence, 'Certificate');
  put(certificate, ['spec', 'renewBefore'], undefined);
  expect(verdictOf(renewedByTime, evidence).result).toBe('failed');
  put(certificate, ['spec', 'renewBeforePercentage'], 96.5);
  expect(verdictOf(renewedByTime, evidence)).toMatchObject({ result: 'passed' });
});

const leaf = { notBefore: '2026-11-24T09:00:00.000Z', notAfter: '2026-11-24T09:05:00.000Z' };
test.each([
  ['renewBefore', { renewBefore: '4m0s', percentage: Number.NaN }, '2026-11-24T09:01:00.000Z'],
  ['a percentage', { renewBefore: null, percentage: 90 }, '2026-11-24T09:00:30.000Z'],
  ['a third, where nothing is set', { renewBefore: null, percentage: Number.NaN }, '2026-11-24T09:03:20.000Z'],
  [
    'a third, where renewBefore is as long as the validity',
    { renewBefore: '5m0s', percentage: Number.NaN },
    '2026-11-24T09:03:20.000Z',
  ],
  [
    'hours, minutes and parts of seconds',
    { renewBefore: '0h1m30.5s', percentage: Number.NaN },
    '2026-11-24T09:03:29.000Z',
  ],
])('when a leaf is due: %s', (_, fields, due) => {
  expect(new Date(renewalDue(leaf, fields)).toISOString()).toBe(due);
});

test('what is no duration is an error', () => {
  expect(() => renewalDue(leaf, { renewBefore: '5 days', percentage: 0 })).toThrow('"5 days" is not a duration');
});
