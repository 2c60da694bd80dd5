import type { Situation } from './situation.ts';

/** What a rule found. */
export interface RuleMatch {
  /** Where the issuance stands and why, one sentence. */
  readonly verdict: string;
  /** What shows it, one sentence each. */
  readonly evidence: readonly string[];
  /** What to do; null if nothing is wrong. */
  readonly remedy: string | null;
  /**
   * `seen` (the default) where a component says it in so many words, or where it was observed. `inferred` where it follows from
   * how objects are set up. `unknown` where the cause itself is not known.
   */
  readonly confidence?: 'seen' | 'inferred' | 'unknown';
}

/** Recognises one reason why an issuance, or the serving of its certificate, does not continue. A pure function of the evidence. */
export interface Rule {
  /** Stable and kebab-case; reports contain it. */
  readonly id: string;
  /** What it recognizes, for the reference. */
  readonly recognizes: string;
  /** A `step` passes by itself, so it is no fault; `good` is the end of the chain. A fault where absent. */
  readonly finds?: 'step' | 'good';
  /** Whether it holds while a link before is only waiting: its cause lies outside the issuance. */
  readonly standsAlone?: boolean;
  look(situation: Situation): RuleMatch | null;
}

/** The sentences that apply. */
export function sentences(...parts: readonly (string | null | undefined | false)[]): string[] {
  return parts.filter((part): part is string => typeof part === 'string' && part !== '');
}

/** A text from an object or a server without its final full stop, for use within a sentence. */
export function quoted(text: string): string {
  return text.trim().replace(/\.$/, '');
}
