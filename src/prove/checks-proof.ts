import { z } from 'zod';

/** The version of the format of `padlock doctor --prove --json`. */
export const checksProofSchemaVersion = 1;

const check = z.string().min(1).describe("the check's id");
const durationMs = z.int().nonnegative().describe('in milliseconds');
const problem = z.string().nullable().describe('why it could not be tried, or null');

const provenFaultSchema = z.object({
  fault: z.string().min(1).describe("the fault's id"),
  title: z.string(),
  mustTurnRed: z.array(check).describe('the checks that ran and must fail because of the fault'),
  red: z.array(check).describe('the checks that failed'),
  stayedGreen: z.array(check).describe('those of mustTurnRed that did not fail: they prove nothing here'),
  alsoRed: z.array(check).describe('checks that failed though the fault does not say so; no failure of the proof'),
  diagnosedAs: z.string().nullable().describe('the rule of the diagnosis that named a cause, or null'),
  mustBeDiagnosedAs: z.string().nullable(),
  durationMs,
  problem,
});

/** A proof of the checks: each fault staged once on an environment, and whether the checks turned red there. */
export const checksProofSchema = z
  .object({
    schemaVersion: z.literal(checksProofSchemaVersion),
    padlock: z.object({ version: z.string() }),
    result: z
      .enum(['passed', 'failed', 'partial'])
      .describe(
        'failed if the scenario does not pass without a fault or a check stays green; partial if a fault could not be tried',
      ),
    startedAt: z.iso.datetime(),
    durationMs,
    environment: z.object({ kind: z.string(), name: z.string() }),
    scenario: z.string().describe('the scenario in which the faults were staged'),
    withoutFault: z
      .object({ passed: z.boolean(), red: z.array(check), durationMs, problem })
      .describe('the same scenario beside them, without a fault: it must pass'),
    faults: z.array(provenFaultSchema),
    leftOut: z
      .array(z.object({ fault: z.string(), why: z.string() }))
      .describe('faults that this environment cannot have'),
    checks: z
      .array(z.object({ check, turnedRedBy: z.array(z.string()).describe('ids of faults') }))
      .describe('every check of the scenario; one that no fault turned red is not proven here'),
  })
  .describe('Whether checks turn red on an environment: each fault staged once in a scenario that passes without it.');

export type ChecksProof = z.infer<typeof checksProofSchema>;
export type ProvenFault = z.infer<typeof provenFaultSchema>;

/** How a scenario came out: which checks ran, and which of them failed. */
export interface JudgedScenario {
  readonly checks: readonly { readonly id: string; readonly result: 'passed' | 'failed' | 'skipped' }[];
  /** The rule of the diagnosis; null without one. */
  readonly diagnosedAs: string | null;
  readonly durationMs: number;
  /** Why nothing can be said about it, e.g. that the fault did not take effect; null if something can. */
  readonly problem: string | null;
}

/** A fault and what it must do. */
interface ExpectedFault {
  readonly id: string;
  readonly title: string;
  readonly diagnosedAs: string | null;
  readonly inScenario: { readonly turnsRed: readonly string[]; readonly redWithWildcard?: readonly string[] };
}

/** What a fault turned red, beside what it must turn red. */
export function provenFault(fault: ExpectedFault, judged: JudgedScenario): ProvenFault {
  const ran = judged.checks.filter(({ result }) => result !== 'skipped').map(({ id }) => id);
  const red = redChecks(judged);
  const { turnsRed, redWithWildcard = [] } = fault.inScenario;
  // Beside itself, a scenario has its own host and no wildcard.
  const mustTurnRed = ran.filter((id) => turnsRed.includes(id) && !redWithWildcard.includes(id));
  const tried = judged.problem === null;
  return {
    fault: fault.id,
    title: fault.title,
    mustTurnRed,
    red,
    stayedGreen: tried ? mustTurnRed.filter((id) => !red.includes(id)) : [],
    alsoRed: tried ? red.filter((id) => !mustTurnRed.includes(id)) : [],
    diagnosedAs: judged.diagnosedAs,
    mustBeDiagnosedAs: fault.diagnosedAs,
    durationMs: judged.durationMs,
    problem: judged.problem,
  };
}

/** The ids of the checks that failed, in their order. */
export function redChecks({ checks }: Pick<JudgedScenario, 'checks'>): string[] {
  return checks.filter(({ result }) => result === 'failed').map(({ id }) => id);
}

/** Every check with the faults that turned it red where they had to. Without a fault it must not be red itself. */
export function checksTurnedRed(
  checks: readonly string[],
  withoutFault: readonly string[],
  faults: readonly ProvenFault[],
): ChecksProof['checks'] {
  return checks.map((id) => ({
    check: id,
    turnedRedBy: withoutFault.includes(id)
      ? []
      : faults.filter(({ mustTurnRed, red }) => mustTurnRed.includes(id) && red.includes(id)).map(({ fault }) => fault),
  }));
}

/** The result of a proof, the most severe first. */
export function resultOfProof({
  withoutFault,
  faults,
}: Pick<ChecksProof, 'withoutFault' | 'faults'>): ChecksProof['result'] {
  if (!withoutFault.passed || faults.some(({ stayedGreen }) => stayedGreen.length > 0)) return 'failed';
  return faults.length === 0 || faults.some((fault) => fault.problem !== null) ? 'partial' : 'passed';
}
