import type { RecordedRecovery } from './resilience-table.ts';

/** From the best to the worst. */
const kinds: readonly RecordedRecovery['kind'][] = ['by-itself', 'after-back-off', 'by-a-person', 'not'];
const words = {
  'by-itself': 'by itself',
  'after-back-off': 'an hour later',
  'by-a-person': 'by a person',
  not: 'not',
} as const;
/** A shorter difference is that of two machines, or of a machine at two times. */
const noticeable = { factor: 2, seconds: 15 } as const;

/** One failure that did something else the second time. */
export interface RecoveryChange {
  readonly failure: string;
  readonly isWorse: boolean;
  /** What is different, one clause. */
  readonly what: string;
}

type Recoveries = ReadonlyMap<string, RecordedRecovery>;

/** What is different between two runs of the suite resilience, e.g. of two versions of cert-manager; failures of both only. */
export function recoveryChanges(before: Recoveries, after: Recoveries): readonly RecoveryChange[] {
  return [...before].flatMap(([failure, old]) => {
    const now = after.get(failure);
    return now === undefined ? [] : changesOf(old, now).map((change) => ({ failure, ...change }));
  });
}

function changesOf(old: RecordedRecovery, now: RecordedRecovery): readonly Omit<RecoveryChange, 'failure'>[] {
  const changes: Omit<RecoveryChange, 'failure'>[] = [];
  if (old.kind !== now.kind) {
    const isWorse = kinds.indexOf(now.kind) > kinds.indexOf(old.kind);
    changes.push({ isWorse, what: `recovered ${words[old.kind]} before, and ${words[now.kind]} now` });
  } else if (old.recoveredAfterS !== null && now.recoveredAfterS !== null) {
    const [shorter, longer] = [old.recoveredAfterS, now.recoveredAfterS].toSorted((one, other) => one - other);
    if (
      longer !== undefined &&
      shorter !== undefined &&
      longer - shorter > noticeable.seconds &&
      longer > noticeable.factor * shorter
    ) {
      const what = `recovered ${old.recoveredAfterS} s after its end before, and ${now.recoveredAfterS} s now`;
      changes.push({ isWorse: now.recoveredAfterS > old.recoveredAfterS, what });
    }
  }
  const lost = (one: RecordedRecovery) => one.failedHandshakes > 0;
  if (lost(old) !== lost(now)) {
    const what = `${old.failedHandshakes} handshakes failed before, and ${now.failedHandshakes} now`;
    changes.push({ isWorse: lost(now), what });
  }
  if (old.diagnosis.rule !== now.diagnosis.rule) {
    const what = `the diagnosis was ${old.diagnosis.rule} before, and is ${now.diagnosis.rule} now`;
    changes.push({ isWorse: false, what });
  }
  return changes;
}
