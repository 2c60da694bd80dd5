/** Matchers for vitest: `import 'padlock/vitest'` in a test or a set-up file. */

import { expect } from 'vitest';
import type { Check } from '../checks/check.ts';
import { checksFor, judge } from '../checks/judge.ts';
import { messageOf } from '../error-message.ts';
import { type Evidence, evidenceSchema } from '../evidence/evidence.ts';
import { findIssuance } from '../issuance/issuance.ts';
import { checksOf } from '../own-scenarios/own-scenario.ts';

declare module 'vitest' {
  // The type parameters must be those of vitest.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /**
     * Evidence, or the outcome of a scenario, passes checks: one by its id, a group by its name, or one of your own. A check that was
     * skipped has not passed.
     */
    toPass(check: string | Check): R;
  }
}

expect.extend({
  toPass(received: unknown, wanted: string | Check) {
    const evidence = evidenceIn(received);
    const checks = checksOf([wanted]);
    const own = new Map(checks.map((check) => [check.id, check]));
    const ids = checksFor(evidence, [...own.keys()]);
    const verdicts = judge(evidence, ids, findIssuance(evidence), own);
    const others = verdicts.filter(({ result }) => result !== 'passed');
    const pass = others.length === 0;
    const told = (pass ? verdicts : others).map(({ id, result, message }) => `${id} ${result}: ${message}`);
    return { pass, message: () => told.join('\n') };
  },
});

/** @throws TypeError for what is neither evidence nor an outcome */
function evidenceIn(received: unknown): Evidence {
  const inner =
    typeof received === 'object' && received !== null && 'evidence' in received ? received.evidence : received;
  const { data, error } = evidenceSchema.safeParse(inner);
  if (data !== undefined) return data;
  throw new TypeError(`toPass takes evidence or the outcome of a scenario: ${messageOf(error).split('\n')[0]}`);
}
