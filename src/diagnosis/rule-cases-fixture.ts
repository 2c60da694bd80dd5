import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evidence } from '../evidence/evidence.ts';
import { isExhaustive } from '../test/exhaustive.ts';
import { diagnose } from './diagnose.ts';
import type { Link } from './link.ts';
import { startingSolver, waitingEvidence } from './situation-fixture.ts';
import { makeStrange, strangeChanges } from './strange-objects-fixture.ts';
import type { Surroundings } from './surroundings.ts';

/** What a trace saw that saw nothing besides. */
export const noSurroundings: Surroundings = {
  absentKinds: [],
  mesh: null,
  nameRecords: [],
  inside: null,
  betweenClusters: null,
};

/** Evidence in which a rule must match. */
export interface RuleCase {
  /** The id of the rule. */
  readonly rule: string;
  /** What is special about the evidence. */
  readonly what: string;
  /** What the evidence is made from: an issuance that waits for its Challenge unless this says otherwise. */
  readonly base?: () => Promise<Evidence>;
  /** Changes the evidence so that the rule must match. */
  stage(evidence: Evidence): void;
  /** What a trace saw besides. */
  readonly surroundings?: Partial<Surroundings>;
  /** What the verdict must contain. */
  readonly verdict: RegExp;
}

/** Tests the rules of links: in each case the rule must give the diagnosis, ahead of all other rules, and no rule may be without a case. */
export function describeRules(links: readonly Link[], cases: readonly RuleCase[]): void {
  describe('each rule matches its own evidence', () => {
    test.for(cases)('$rule: $what', async ({ rule, base = waitingEvidence, stage, surroundings, verdict }) => {
      const evidence = await base();
      stage(evidence);
      const diagnosis = diagnose({ ...evidence, surroundings: { ...noSurroundings, ...surroundings } });
      expect(diagnosis.rule, diagnosis.verdict).toBe(rule);
      expect(diagnosis.verdict).toMatch(verdict);
    });
  });

  const alone = new Set(
    links.flatMap(({ rules }) => rules.filter(({ standsAlone }) => standsAlone).map(({ id }) => id)),
  );
  const aloneCases = cases.filter(({ rule }) => alone.has(rule));
  describe.runIf(aloneCases.length > 0)('a rule that stands alone says the same while the solver starts', () => {
    test.for(aloneCases)('$rule: $what', async ({ rule, base = waitingEvidence, stage, surroundings, verdict }) => {
      const evidence = await base();
      stage(evidence);
      startingSolver(evidence);
      const diagnosis = diagnose({ ...evidence, surroundings: { ...noSurroundings, ...surroundings } });
      expect(diagnosis.rule, diagnosis.verdict).toBe(rule);
      expect(diagnosis.verdict).toMatch(verdict);
    });
  });

  describe('no object of another shape makes a rule throw', () => {
    test.for(cases)('$rule: $what', async ({ base = waitingEvidence, stage, surroundings }) => {
      const staged = await base();
      stage(staged);
      const verdictAfter = fc.property(strangeChanges, (changes) => {
        const evidence = structuredClone(staged);
        makeStrange(evidence, changes);
        expect(diagnose({ ...evidence, surroundings: { ...noSurroundings, ...surroundings } }).verdict).not.toBe('');
      });
      fc.assert(verdictAfter, isExhaustive ? { numRuns: 300 } : { numRuns: 5, seed: 1 });
    });
  });

  test('every rule has a case', () => {
    const rules = new Set(links.flatMap((link) => link.rules.map(({ id }) => id)));
    expect([...new Set(cases.map(({ rule }) => rule))].sort()).toEqual([...rules].sort());
  });
}
