import type { ScenarioRun } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';

/**
 * The part in the report of a scenario that did not run. Without evidence it has no verdicts; the report's problems say why.
 *
 * @param notApplicable why the environment or the CA cannot run it, one sentence; null if it only did not get its turn
 */
export function skippedScenario(
  { id, title, why, expectation, features, settings }: Scenario,
  notApplicable: string | null,
): ScenarioRun['report'] {
  return {
    id,
    title,
    why,
    result: 'skipped',
    ...(notApplicable === null ? {} : { notApplicable }),
    ...(expectation === undefined ? {} : { expectation }),
    features: [...features],
    host: '',
    settings: { ...settings },
    startedAt: new Date().toISOString(),
    durationMs: 0,
    phases: [],
    checks: [],
    timeline: { clocks: [], events: [], gaps: [] },
    challengeRequests: [],
    chain: [],
    browser: null,
    diagnosis: null,
    logs: [],
  };
}
