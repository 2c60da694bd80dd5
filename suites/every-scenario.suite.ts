import { beforeAll, describe, expect, inject, test } from 'vitest';
import { connectCell } from '../src/environment/cell/cell.ts';
import { runSuite, type SuiteRun } from '../src/suite/run-suite.ts';
import { allScenarios } from './index.ts';

describe.for(allScenarios)('$id', (scenario) => {
  let report: SuiteRun['scenarios'][number] | undefined;

  beforeAll(async () => {
    const run = await runSuite({
      scenarios: [scenario],
      environment: await connectCell(inject('cell')),
      httpbinImage: inject('httpbinImage'),
      fault: null,
      keep: false,
      browser: true,
      onFailure: async () => {},
      signal: new AbortController().signal,
      tell: () => {},
    });
    report = run.scenarios[0];
  });

  test('comes to its end within its time limits', () => {
    expect(report?.id).toBe(scenario.id);
    expect(report?.error).toBeUndefined();
  });

  test.for(scenario.checks)('$id: $asserts', ({ id }) => {
    const check = report?.checks.find((candidate) => candidate.id === id);
    expect(check?.result, check?.message).toBe('passed');
  });
});
