import type { ScenarioRun } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';

/** The part in the report of a scenario that did not run. Without evidence it has no verdicts; the report's problems say why. */
export function skippedScenario({ id, title, why, expectation, features, settings }: Scenario): ScenarioRun['report'] {
  return {
    id,
    title,
    why,
    result: 'skipped',
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
