import { messageOf } from '../error-message.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { findIssuance, type Issuance } from '../issuance/issuance.ts';
import { allChecks } from './all-checks.ts';
import { type Check, failed, type Verdict } from './check.ts';
import { plainHttpAnswers } from './serving/plain-http-answers.ts';

/** A verdict with the id of its check, as reports show it. */
export interface CheckResult extends Verdict {
  readonly id: string;
}

/**
 * The checks, by id, that apply to evidence of its version. Before version 3, backend-answers judges plain HTTP, so
 * plain-http-answers would judge it twice.
 */
export function checksFor({ schemaVersion }: Evidence, checkIds: readonly string[]): readonly string[] {
  return schemaVersion < 3 ? checkIds.filter((id) => id !== plainHttpAnswers.id) : checkIds;
}

/**
 * Runs checks on evidence, in the order given. Never throws: an unknown id or a check that throws becomes a failed result.
 *
 * @param issuance the objects of the evidence's issuance, where the caller has read them already
 * @param own checks besides Padlock's, by id
 */
export function judge(
  evidence: Evidence,
  checkIds: readonly string[],
  issuance: Issuance = findIssuance(evidence),
  own: ReadonlyMap<string, Check> = new Map(),
): CheckResult[] {
  return checkIds.map((id) => ({ id, ...verdict(evidence, issuance, id, own) }));
}

function verdict(evidence: Evidence, issuance: Issuance, id: string, own: ReadonlyMap<string, Check>): Verdict {
  const check = allChecks.get(id) ?? own.get(id);
  if (check === undefined) {
    return failed(`Unknown check "${id}". Known checks: ${[...allChecks.keys()].join(', ')}.`);
  }
  try {
    return soundVerdict(check.judge(evidence, issuance));
  } catch (error) {
    const whose = allChecks.has(id) ? ', which is a bug in Padlock' : '';
    return failed(`The check threw an error on this evidence${whose}: ${messageOf(error)}.`);
  }
}

/** A user's check may be plain JavaScript and give anything. */
function soundVerdict(verdict: Verdict): Verdict {
  const { result, message }: Partial<Verdict> = verdict ?? {};
  const isSound =
    ['passed', 'failed', 'skipped'].includes(result ?? '') && typeof message === 'string' && message !== '';
  if (isSound) return verdict;
  const seen = JSON.stringify(verdict) ?? 'nothing';
  return failed(`The check gave ${seen} instead of a verdict with a message, as passed('…') and failed('…') make it.`);
}
