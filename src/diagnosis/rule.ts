import type { Situation } from './situation.ts';

/** What a rule recognised. */
export interface RuleMatch {
  /** Where the issuance stands and why, one sentence. */
  readonly verdict: string;
  /** What shows it, a sentence each. */
  readonly evidence: readonly string[];
  /** What to do; null where nothing is wrong. */
  readonly remedy: string | null;
}

/** Recognises one reason why an issuance, or its serving, does not go on. A pure function of what was seen. */
export interface Rule {
  /** Stable, kebab-case; it appears in reports. */
  readonly id: string;
  /** What it recognises, for the reference. */
  readonly recognises: string;
  look(situation: Situation): RuleMatch | null;
}

/** A list of sentences without those that do not apply. */
export function sentences(...parts: readonly (string | null | undefined | false)[]): string[] {
  return parts.filter((part): part is string => typeof part === 'string' && part !== '');
}

/** A text from an object or a server, without a full stop at its end, to go on within a sentence. */
export function quoted(text: string): string {
  return text.trim().replace(/\.$/, '');
}
