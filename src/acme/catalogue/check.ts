import { inWords } from '../client/answer.ts';
import type { AcmeSession } from '../client/session.ts';
import type { HttpAnswer } from '../client/transport.ts';
import type { CaFeature } from './features.ts';

/** The key words of RFC 2119 that a check stands on. */
export type Level = 'MUST' | 'SHOULD' | 'MAY';

/**
 * How much is asked of a CA. `read-only` makes neither accounts nor orders at a CA that conforms; `standard` issues, too;
 * `exhaustive` also does what takes long or makes many orders.
 */
export type Profile = 'read-only' | 'standard' | 'exhaustive';

export const profiles: readonly Profile[] = ['read-only', 'standard', 'exhaustive'];

export type Verdict = 'passed' | 'failed' | 'warned' | 'skipped';

/** What a check found: one sentence that says what was seen, also when it passed. */
export interface CheckFinding {
  readonly verdict: Verdict;
  readonly message: string;
}

/** What most checks of the profile `read-only` have in common. */
export const readOnly = { rfc: 8555, profile: 'read-only' } as const;

/** What most checks of the profile `standard` have in common. */
export const standard = { rfc: 8555, profile: 'standard' } as const;

/** One statement of a standard that a CA is held to. */
export interface CaCheck {
  readonly id: string;
  /** The number of its group in the catalogue. */
  readonly group: number;
  readonly rfc: number;
  /** E.g. `6.5.1`. */
  readonly section: string;
  readonly level: Level;
  /**
   * `keyword`: the section says it with the key word of the level. `statement`: the section says what a server does without
   * a key word, and the level is the catalogue's.
   */
  readonly basis: 'keyword' | 'statement';
  /** What a conforming CA does, in one sentence. */
  readonly asserts: string;
  readonly profile: Profile;
  /** What a CA may leave out, and with it this check; null if every CA has it. */
  readonly feature: CaFeature | null;
  /** Judges the CA. What it needs and cannot have it throws as UnmetNeed. */
  readonly run: (session: AcmeSession) => Promise<CheckFinding>;
}

export function passed(message: string): CheckFinding {
  return { verdict: 'passed', message };
}

/** Of a MUST: the CA does not conform. Of another level the runner makes it a warning. */
export function failed(message: string): CheckFinding {
  return { verdict: 'failed', message };
}

export function warned(message: string): CheckFinding {
  return { verdict: 'warned', message };
}

export function skipped(reason: string): CheckFinding {
  return { verdict: 'skipped', message: reason };
}

/**
 * Of a request that the CA must refuse: passed for a client error. A server error refuses, too (RFC 8555 section 6.7), but a
 * client tries again after it: a warning.
 */
export function expectRefusal(answer: HttpAnswer, seen = `The CA answered ${inWords(answer)}`): CheckFinding {
  if (answer.status >= 500) return warned(`${seen}, a server error where a client error belongs.`);
  return expectThat(answer.status >= 400, `${seen}.`);
}

/**
 * Passed where the condition holds; the message says in both cases what was seen. A server error breaks no requirement about
 * the type of an answer (RFC 8555 section 6.7 allows 4xx and 5xx), so it is a warning.
 *
 * @param answer the answer that the condition is about
 */
export function expectThat(condition: boolean, seen: string, answer?: HttpAnswer): CheckFinding {
  if (condition) return passed(seen);
  return answer !== undefined && answer.status >= 500 ? warned(`${seen} A server error judges nothing.`) : failed(seen);
}
