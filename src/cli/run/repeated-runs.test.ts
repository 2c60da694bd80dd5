import { expect, test } from 'vitest';
import { isFlaky } from '../../report/repetitions.ts';
import { exampleFailedScenario, exampleScenario } from '../../report/testing/example-report.ts';
import type { SuiteRun } from '../../suite/run-suite.ts';
import { repeatedRuns } from './repeated-runs.ts';

function run(scenarios: SuiteRun['scenarios'], problems: readonly string[] = []): SuiteRun {
  const evidence = new Map();
  return { scenarios, evidence, pictures: new Map(), kubernetesVersion: 'v1.37.2', problems };
}

const id = 'http01-ingress';
const passed = () => exampleScenario({ id });
const failed = () => exampleFailedScenario({ id });

test('one run stays as it is', () => {
  const once = run([passed()]);
  expect(repeatedRuns([once])).toBe(once);
});

test('a scenario that passes and fails is flaky, and has not passed', () => {
  const { scenarios, problems } = repeatedRuns([run([passed()]), run([failed()]), run([passed()])]);
  expect(scenarios).toEqual([{ ...failed(), repetitions: ['passed', 'failed', 'passed'] }]);
  expect(problems).toEqual([`${id} is flaky: passed in 2 of 3 repetitions.`]);
});

test('one that always passes has passed, and one that always fails is not flaky', () => {
  const always = repeatedRuns([run([passed()], ['a gap']), run([passed()], ['a gap'])]);
  expect(always.scenarios).toEqual([{ ...passed(), repetitions: ['passed', 'passed'] }]);
  expect(always.problems).toEqual(['a gap']);
  const never = repeatedRuns([run([failed()]), run([failed()])]);
  expect(never.scenarios[0]?.result).toBe('failed');
  expect(never.problems).toEqual([]);
});

test('what did not run counts as no repetition', () => {
  const skipped = exampleScenario({ id, result: 'skipped', checks: [] });
  expect(repeatedRuns([run([failed()]), run([skipped])]).scenarios).toEqual([failed()]);
  expect(isFlaky(['passed', 'skipped'])).toBe(false);
  expect(isFlaky(['passed', 'error'])).toBe(true);
});
