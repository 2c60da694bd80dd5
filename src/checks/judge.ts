import type { Evidence } from '../evidence/evidence.ts';
import { allChecks } from './all-checks.ts';
import { failed, type Verdict } from './check.ts';

/** A check's verdict, as reports show it. */
export interface CheckResult extends Verdict {
  readonly id: string;
}

/**
 * Runs checks on evidence, in the order given. Never throws: an id that no check has, and a check that breaks on the
 * evidence, are failed results that say so.
 */
export function judge(evidence: Evidence, checkIds: readonly string[]): CheckResult[] {
  return checkIds.map((id) => ({ id, ...verdict(evidence, id) }));
}

function verdict(evidence: Evidence, id: string): Verdict {
  const check = allChecks.get(id);
  if (check === undefined) {
    return failed(`There is no check "${id}"; the checks are ${[...allChecks.keys()].join(', ')}.`);
  }
  try {
    return check.judge(evidence);
  } catch (error) {
    return failed(
      `The check itself broke on this evidence, which is a defect of Padlock: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}
