import { expect, test } from 'vitest';
import { allScenarios } from '../../suites/index.ts';
import { overallResult, scenarioResult } from '../report/overall-result.ts';
import { reportSchema } from '../report/report.ts';
import { skippedScenario } from './skipped-scenario.ts';

test.each(allScenarios.map((scenario) => [scenario.id, scenario] as const))(
  'a refused %s is a valid part of a report, and makes the run partial',
  (_, scenario) => {
    const skipped = skippedScenario(scenario, 'The CA cannot do it.');
    expect(scenarioResult(skipped)).toBe(skipped.result);
    expect(overallResult({ scenarios: [skipped] })).toBe('partial');
    const inReport = { ...skipped, evidence: null, evidenceSha256: null };
    expect(reportSchema.shape.scenarios.safeParse([inReport]).error).toBeUndefined();
  },
);
