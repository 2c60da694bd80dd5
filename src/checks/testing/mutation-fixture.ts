import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { findIssuance } from '../../issuance/issuance.ts';
import type { Check, Verdict } from '../check.ts';
import { judge } from '../judge.ts';

/** A way to break evidence, with what must come of it. */
export interface Mutation {
  readonly name: string;
  mutate(evidence: Evidence): void | Promise<void>;
  /** Words that the check's message must have. */
  readonly says: readonly string[];
  /** The ids of the other checks that this turns red, for the same cause. */
  readonly alsoRed?: readonly string[];
}

/** The verdict of one check. Unlike `judge`, it lets an error of the check pass. */
export function verdictOf(check: Check, evidence: Evidence): Verdict {
  return check.judge(evidence, findIssuance(evidence));
}

/**
 * Describes a check by evidence: it passes on the evidence as it is, and each mutation turns it red with the right
 * words, and besides it exactly the checks that are named.
 */
export function describeCheck(
  check: Check,
  evidence: () => Promise<Evidence>,
  among: readonly Check[],
  mutations: readonly Mutation[],
): void {
  const ids = among.map(({ id }) => id);
  describe(check.id, () => {
    test('passes on good evidence', async () => {
      const verdict = verdictOf(check, await evidence());
      expect(verdict).toMatchObject({ result: 'passed' });
      expect(verdict.message).toMatch(/\S\.$/);
    });

    test.each(mutations)('fails: $name', async ({ mutate, says, alsoRed = [] }) => {
      const broken = await evidence();
      await mutate(broken);
      const verdict = verdictOf(check, broken);
      for (const words of says) expect(verdict.message).toContain(words);
      const red = judge(broken, ids).filter(({ result }) => result !== 'passed');
      expect(red.map(({ id }) => id)).toEqual(ids.filter((id) => id === check.id || alsoRed.includes(id)));
    });
  });
}
