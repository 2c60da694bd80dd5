import type { Evidence } from '../evidence/evidence.ts';
import type { Issuance } from '../issuance/issuance.ts';

/** What a check found. The message says what was seen, in the field's terms, also when it passed. */
export interface Verdict {
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly message: string;
}

/** A named assertion: a pure function from evidence to a verdict, so it can be run again on saved evidence. */
export interface Check {
  /** Stable, kebab-case; it appears in reports and on the command line. */
  readonly id: string;
  /** One sentence that says what is asserted. */
  readonly asserts: string;
  /** @param issuance the objects of the evidence's issuance, which `judge` in judge.ts finds once for all checks */
  judge(evidence: Evidence, issuance: Issuance): Verdict;
}

export function passed(message: string): Verdict {
  return { result: 'passed', message };
}

export function failed(message: string): Verdict {
  return { result: 'failed', message };
}

/** For what could not be asserted here, with the reason. */
export function skipped(message: string): Verdict {
  return { result: 'skipped', message };
}
