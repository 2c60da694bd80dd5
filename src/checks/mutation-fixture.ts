import { describe, expect, test } from 'vitest';
import type { Evidence } from '../evidence/evidence.ts';
import type { Check } from './check.ts';
import { judge } from './judge.ts';

/** A way to break evidence, with what must come of it. */
export interface Mutation {
  readonly name: string;
  mutate(evidence: Evidence): void | Promise<void>;
  /** Words that the check's message must have. */
  readonly says: readonly string[];
  /** The ids of the other checks that this turns red, for the same cause. */
  readonly alsoRed?: readonly string[];
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
      const verdict = check.judge(await evidence());
      expect(verdict).toMatchObject({ result: 'passed' });
      expect(verdict.message).toMatch(/\S\.$/);
    });

    test.each(mutations)('fails: $name', async ({ mutate, says, alsoRed = [] }) => {
      const broken = await evidence();
      await mutate(broken);
      const verdict = check.judge(broken);
      for (const words of says) expect(verdict.message).toContain(words);
      const red = judge(broken, ids).filter(({ result }) => result !== 'passed');
      expect(red.map(({ id }) => id)).toEqual(ids.filter((id) => id === check.id || alsoRed.includes(id)));
    });
  });
}
