import type { LinkId } from './link-ids.ts';
import type { Rule } from './rule.ts';
import type { Situation } from './situation.ts';

/** One link of the chain, with the rules that recognize why it does not hold. */
export interface Link {
  readonly id: LinkId;
  /** What holds when it is done, a noun phrase without an article, e.g. `solver ready`. */
  readonly title: string;
  /** The links whose fault explains a fault of this one. */
  readonly needs: readonly LinkId[];
  /** In order: the first that matches tells the state of the link. */
  readonly rules: readonly Rule[];
  /** What shows that it holds, one sentence; null where nothing shows it. */
  done(situation: Situation): string | null;
  /** Why its state could not be seen, one sentence; null where nothing hindered the view. */
  unseen?(situation: Situation): string | null;
}

/** A rule about an issuance between two steps. */
export function step(rule: Rule): Rule {
  return { ...rule, finds: 'step' };
}

/** A rule whose cause does not depend on the links before it. */
export function standingAlone(rule: Rule): Rule {
  return { ...rule, standsAlone: true };
}
