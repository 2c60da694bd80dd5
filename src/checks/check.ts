import type { Evidence } from '../evidence/evidence.ts';
import type { Issuance } from '../issuance/issuance.ts';

/** The outcome of a check. The message states what was seen, in the field's terms, for a pass as well. */
export interface Verdict {
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly message: string;
  /** Whether a passed check saw something that a user should know; the report has it among its problems. */
  readonly warning?: boolean;
  /** Whether a skipped check had nothing to judge, as opposed to something that it could not see. It leaves no gap. */
  readonly notApplicable?: boolean | undefined;
}

/** A named assertion: a pure function from evidence to a verdict, which can be rerun on saved evidence. */
export interface Check {
  /** Stable, kebab-case; it appears in reports and on the command line. */
  readonly id: string;
  /** The assertion, in one sentence. */
  readonly asserts: string;
  /** @param issuance the objects of the evidence's issuance, which `judge` in judge.ts finds once for all checks */
  judge(evidence: Evidence, issuance: Issuance): Verdict;
}

export function passed(message: string): Verdict {
  return { result: 'passed', message };
}

/** A check that passed, and whose message a user should read: it does not decide the result of a run. */
export function warned(message: string): Verdict {
  return { result: 'passed', message, warning: true };
}

export function failed(message: string): Verdict {
  return { result: 'failed', message };
}

/** A check that could not judge this evidence: what it needs was not seen, or is not known. The message is the reason. */
export function skipped(message: string): Verdict {
  return { result: 'skipped', message };
}

/** A check of something that this issuance did not have, and did not need. @param reason one sentence */
export function notApplicable(reason: string): Verdict {
  return { result: 'skipped', message: `Not applicable, because: ${reason}`, notApplicable: true };
}
