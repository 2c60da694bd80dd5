import { describe, expect, test } from 'vitest';
import { overallResult } from '../overall-result.ts';
import type { CheckReport, Report, ScenarioReport } from '../report.ts';
import { exampleFailedScenario, exampleReport, exampleScenario } from '../testing/example-report.ts';
import { compareReports } from './compare.ts';

function report(...scenarios: ScenarioReport[]): Report {
  return exampleReport({ scenarios, result: overallResult({ scenarios }) });
}

function check(id: string, result: CheckReport['result']): CheckReport {
  return { id, asserts: `${id} holds.`, result, message: `${id} ${result}.` };
}

function withChecks(...checks: CheckReport[]): ScenarioReport {
  const failed = checks.some(({ result }) => result === 'failed');
  return exampleScenario({ checks, result: failed ? 'failed' : 'passed' });
}

test('a report compared with itself shows nothing', () => {
  expect(compareReports(exampleReport(), exampleReport())).toMatchObject({
    regression: false,
    newlyFailing: [],
    newlyPassing: [],
    slower: [],
    faster: [],
    explained: [],
    components: [],
    environment: [],
    timesCompare: true,
    notes: [],
  });
});

describe('results', () => {
  const passing = withChecks(check('a', 'passed'), check('b', 'passed'));

  test.each([
    ['failed', withChecks(check('a', 'passed'), check('b', 'failed')), 'b failed.'],
    ['skipped', withChecks(check('a', 'passed'), check('b', 'skipped')), 'b skipped.'],
    ['missing', withChecks(check('a', 'passed')), 'The check is no longer in the report.'],
  ] as const)('a check that passed and is %s is a regression', (after, now, message) => {
    const compared = compareReports(report(passing), report(now));
    expect(compared.regression).toBe(true);
    expect(compared.newlyFailing).toEqual([
      { scenario: 'http01-ingress', check: 'b', before: 'passed', after, message },
    ]);
  });

  test('a new check that fails is a regression, one that passes is progress', () => {
    const compared = compareReports(
      report(withChecks(check('a', 'passed'))),
      report(withChecks(check('a', 'passed'), check('b', 'failed'), check('c', 'passed'))),
    );
    expect(compared.newlyFailing).toMatchObject([{ check: 'b', before: 'missing', after: 'failed' }]);
    expect(compared.newlyPassing).toMatchObject([{ check: 'c', before: 'missing', after: 'passed' }]);
  });

  test('a check that failed before and fails or is skipped now is not a regression', () => {
    const failing = withChecks(check('a', 'failed'), check('b', 'failed'));
    const compared = compareReports(report(failing), report(withChecks(check('a', 'failed'), check('b', 'skipped'))));
    expect(compared).toMatchObject({ regression: false, newlyFailing: [], newlyPassing: [] });
  });

  test('a check that failed before and passes now is progress', () => {
    const compared = compareReports(report(withChecks(check('a', 'failed'))), report(withChecks(check('a', 'passed'))));
    expect(compared).toMatchObject({ regression: false, newlyPassing: [{ check: 'a', before: 'failed' }] });
  });

  test('a scenario that passed and disappeared is a regression', () => {
    const compared = compareReports(
      report(exampleScenario(), exampleFailedScenario(), exampleScenario({ id: 'other' })),
      report(exampleScenario()),
    );
    expect(compared.newlyFailing).toMatchObject([{ scenario: 'other', check: null, after: 'missing' }]);
  });

  test('a scenario that no longer runs is named once, not by each of its checks', () => {
    const skipped = exampleScenario({ result: 'skipped', checks: [], phases: [] });
    expect(compareReports(report(exampleScenario()), report(skipped)).newlyFailing).toEqual([
      {
        scenario: 'http01-ingress',
        check: null,
        before: 'passed',
        after: 'skipped',
        message: 'The scenario did not run.',
      },
    ]);
  });

  test('a scenario that newly ends early is a regression', () => {
    const ended = exampleScenario({ result: 'error', error: { message: 'The API server went away.' } });
    expect(compareReports(report(exampleScenario()), report(ended)).newlyFailing).toMatchObject([
      { check: null, after: 'error', message: 'The API server went away.' },
    ]);
  });

  test('an environment that newly fails is a regression', () => {
    const failed = exampleReport({ result: 'error', error: { message: 'etcd ended.' } });
    expect(compareReports(exampleReport(), failed).newlyFailing).toEqual([
      { scenario: null, check: null, before: 'passed', after: 'error', message: 'etcd ended.' },
    ]);
    expect(compareReports(failed, exampleReport()).regression).toBe(false);
  });
});

describe('times', () => {
  const slow = report(exampleScenario({ phases: [{ name: 'account-registered', durationMs: 3_000 }] }));

  test('a slower phase is a regression', () => {
    expect(compareReports(exampleReport(), slow)).toMatchObject({
      regression: true,
      slower: [{ scenario: 'http01-ingress', phase: 'account-registered', beforeMs: 420, changeMs: 2_580 }],
    });
    expect(compareReports(exampleReport(), slow, { floorMs: 3_000 }).regression).toBe(false);
    expect(compareReports(exampleReport(), slow, { thresholdPercent: 1_000 }).regression).toBe(false);
  });

  test('on another machine, a slower phase is reported but is not a regression', () => {
    const environment = { ...slow.environment, cpus: 4 };
    expect(compareReports(exampleReport(), { ...slow, environment })).toMatchObject({
      regression: false,
      timesCompare: false,
      slower: [{ phase: 'account-registered' }],
      environment: [{ name: 'CPUs', before: '2', after: '4' }],
    });
  });

  test('times of the whole run are information only', () => {
    const after = exampleReport({ timings: { buildMs: 1, upMs: 90_000, runMs: 24_400, downMs: 330 } });
    expect(compareReports(exampleReport(), after)).toMatchObject({
      regression: false,
      timings: [
        { name: 'up', beforeMs: 14_800, afterMs: 90_000 },
        { name: 'run', beforeMs: 24_400, afterMs: 24_400 },
      ],
    });
  });
});

test('versions and digests that differ are named', () => {
  const [certManager, envoy] = exampleReport().components;
  if (certManager === undefined || envoy === undefined) throw new Error('the example has components');
  const after = exampleReport({
    components: [
      { ...certManager, version: 'v1.22.0' },
      { ...envoy, digest: 'sha256:01' },
      { name: 'new', version: '1', source: 'somewhere', digest: null },
    ],
    padlock: { version: '0.2.0' },
  });
  const known = `(sha256:${'ab'.repeat(32)})`;
  const compared = compareReports(exampleReport(), after);
  expect(compared.regression).toBe(false);
  expect(compared.components).toEqual([
    { name: 'padlock', before: '0.1.0', after: '0.2.0' },
    { name: 'cert-manager-controller', before: `v1.21.2 ${known}`, after: `v1.22.0 ${known}` },
    { name: 'envoy', before: '1.40.0', after: '1.40.0 (sha256:01)' },
    { name: 'new', before: null, after: '1' },
  ]);
});

test('settings that differ, and what was skipped on request, are noted', () => {
  const ca = exampleReport().ca;
  const after = exampleReport({
    ca: ca === null ? null : { ...ca, settings: {} },
    skippedOnRequest: ['browser'],
    scenarios: [exampleScenario({ settings: { waitInsteadOfSelfCheck: '1s' } })],
  });
  expect(compareReports(exampleReport(), after).notes).toEqual([
    'The second run skipped browser on request.',
    'The CA has a changed setting: PEBBLE_VA_NOSLEEP was 1 and is now not set.',
    'Scenario http01-ingress has a changed setting: waitInsteadOfSelfCheck was not set and is now 1s.',
  ]);
});

test('shards are compared with the same shard only', () => {
  const shard = exampleReport({ shard: { index: 1, count: 4 } });
  expect(compareReports(shard, shard).regression).toBe(false);
  expect(() => compareReports(exampleReport(), shard)).toThrow(
    "The first report covers a whole run and the second shard 1/4, so they cannot be compared. Merge the shards of each run with 'padlock merge' first.",
  );
});
