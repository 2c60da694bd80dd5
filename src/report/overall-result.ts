/** How a scenario can come out. */
export const scenarioResults = ['passed', 'failed', 'skipped', 'error'] as const;
export type ScenarioResult = (typeof scenarioResults)[number];

/** How a run can come out. */
export const runResults = ['passed', 'failed', 'partial', 'error'] as const;
export type ReportResult = (typeof runResults)[number];

interface JudgedChecks {
  readonly checks: readonly {
    readonly result: 'passed' | 'failed' | 'skipped';
    readonly notApplicable?: boolean | undefined;
  }[];
}

/**
 * The result of one scenario.
 *
 * `failed` if a check failed, even if the scenario ended early: when a wait times out because the issuance is broken, the
 * checks name the cause. `error` if it ended early and no check failed; `skipped` if no check passed (there were none, or all
 * were skipped); `passed` otherwise. A scenario that passes with a skipped check that is applicable makes the
 * whole run `partial`, see {@link overallResult}.
 */
export function scenarioResult(scenario: JudgedChecks & { readonly error?: unknown }): ScenarioResult {
  const results = scenario.checks.map((check) => check.result);
  if (results.includes('failed')) return 'failed';
  if (scenario.error !== undefined) return 'error';
  return results.includes('passed') ? 'passed' : 'skipped';
}

/**
 * The result of a run over the selected scenarios, the most severe first: `error` when the environment or a scenario
 * errored, `failed` when a check failed, `partial` when a selected scenario was skipped, or one of its checks that is
 * applicable, or nothing ran at all, `passed` otherwise.
 */
export function overallResult(run: {
  readonly error?: unknown;
  readonly scenarios: readonly (JudgedChecks & { readonly result: ScenarioResult })[];
}): ReportResult {
  const { scenarios } = run;
  if (run.error !== undefined || scenarios.some((scenario) => scenario.result === 'error')) return 'error';
  const checks = scenarios.flatMap((scenario) => scenario.checks);
  const has = (wanted: 'failed' | 'skipped') =>
    scenarios.some(({ result }) => result === wanted) ||
    checks.some(({ result, notApplicable = false }) => result === wanted && !notApplicable);
  if (has('failed')) return 'failed';
  const incomplete = has('skipped');
  return incomplete || checks.length === 0 ? 'partial' : 'passed';
}
