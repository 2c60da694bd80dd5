import { expect, test } from 'vitest';
import { recoveryChanges } from './recovery-changes.ts';
import type { RecordedRecovery } from './resilience-table.ts';

function recovery(more: Partial<RecordedRecovery> = {}): ReadonlyMap<string, RecordedRecovery> {
  const one: RecordedRecovery = {
    failure: 'istiod-down (mesh): istiod does not run',
    ...{ lastedS: 30, recoveredAfterS: 20, kind: 'by-itself', cure: null },
    ...{ handshakes: 900, failedHandshakes: 0, longestOutageS: 0, caRequests: 10, said: null },
    diagnosis: { rule: 'challenge-waits', verdict: '' },
    ...more,
  };
  return new Map([['istiod-down', one]]);
}

test('nothing is different, nor is a failure that only one of them has', () => {
  expect(recoveryChanges(recovery(), recovery({ recoveredAfterS: 31, handshakes: 700 }))).toEqual([]);
  expect(recoveryChanges(recovery(), new Map())).toEqual([]);
});

test.each([
  [{ kind: 'by-a-person' }, true, 'recovered by itself before, and by a person now'],
  [{ recoveredAfterS: 60 }, true, 'recovered 20 s after its end before, and 60 s now'],
  [{ failedHandshakes: 3 }, true, '0 handshakes failed before, and 3 now'],
  [
    { diagnosis: { rule: 'issued', verdict: '' } },
    false,
    'the diagnosis was challenge-waits before, and is issued now',
  ],
] as const)('%j is a difference', (more, isWorse, what) => {
  expect(recoveryChanges(recovery(), recovery(more))).toEqual([{ failure: 'istiod-down', isWorse, what }]);
});

test('what is better is told, too', () => {
  expect(recoveryChanges(recovery({ kind: 'not', recoveredAfterS: null }), recovery())).toEqual([
    { failure: 'istiod-down', isWorse: false, what: 'recovered not before, and by itself now' },
  ]);
});
