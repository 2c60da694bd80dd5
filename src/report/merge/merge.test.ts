import { describe, expect, test } from 'vitest';
import { overallResult } from '../overall-result.ts';
import { type Report, reportSchema } from '../report.ts';
import { exampleFailedScenario, exampleReport, exampleScenario } from '../testing/example-report.ts';
import { mergeReports } from './merge.ts';

/** Shard `index` of `count` with scenarios of these ids. */
function shard(index: number, count: number, ids: readonly string[], changes: Partial<Report> = {}): Report {
  const scenarios = changes.scenarios ?? ids.map((id) => exampleScenario({ id }));
  const { error } = changes;
  const result = overallResult({ scenarios, ...(error === undefined ? {} : { error }) });
  return exampleReport({ shard: { index, count }, scenarios, result, ...changes });
}

test('the scenarios come in the order of the selection, whatever the order of the reports', () => {
  const merged = mergeReports([shard(3, 3, ['c', 'f']), shard(1, 3, ['a', 'd', 'g']), shard(2, 3, ['b', 'e'])]);
  expect(merged.scenarios.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  expect(merged).toMatchObject({ shard: null, result: 'passed', problems: [] });
  expect(reportSchema.parse(merged)).toEqual(merged);
});

test('the result follows from all scenarios', () => {
  const failed = shard(2, 2, [], { scenarios: [exampleFailedScenario()] });
  expect(mergeReports([shard(1, 2, ['a']), failed]).result).toBe('failed');
  expect(mergeReports([shard(1, 2, ['a']), shard(2, 2, [])])).toMatchObject({ result: 'passed' });
  expect(mergeReports([shard(1, 2, []), shard(2, 2, [])])).toMatchObject({ result: 'partial', scenarios: [] });
});

test('times last from the first start to the last end, and each step takes as long as in the slowest shard', () => {
  const merged = mergeReports([
    shard(1, 2, ['a'], {
      startedAt: '2026-11-24T09:00:10.000Z',
      endedAt: '2026-11-24T09:02:00.000Z',
      timings: { buildMs: 10, upMs: 15_000, runMs: 40_000, downMs: null },
    }),
    shard(2, 2, ['b'], { timings: { buildMs: null, upMs: 17_000, runMs: 20_000, downMs: null } }),
  ]);
  expect(merged).toMatchObject({
    startedAt: '2026-11-24T09:00:00.000Z',
    endedAt: '2026-11-24T09:02:00.000Z',
    timings: { buildMs: 10, upMs: 17_000, runMs: 40_000, downMs: null },
  });
});

test('machines may differ: names are joined, the smallest values count, and a problem says so', () => {
  const { environment } = exampleReport();
  const other = { ...environment, name: 'padlock-2', kernel: '6.19.0', cpus: 4, peakMemoryBytes: 3_000_000_000 };
  const merged = mergeReports([shard(1, 2, ['a']), shard(2, 2, ['b'], { environment: other })]);
  expect(merged.environment).toMatchObject({
    name: 'padlock-1, padlock-2',
    kernel: '6.18.0, 6.19.0',
    cpus: 2,
    peakMemoryBytes: 3_000_000_000,
  });
  expect(merged.problems).toEqual([expect.stringMatching(/^The shards ran on different machines, so their times/)]);
  expect(reportSchema.parse(merged)).toEqual(merged);
});

test('a shard whose environment failed makes the result an error, and may lack components', () => {
  const { environment, components } = exampleReport();
  const failed = shard(1, 3, [], {
    error: { message: 'etcd ended.', lastSeen: 'exit code 1' },
    components: components.slice(0, 1),
    ca: null,
    environment: { ...environment, kubernetesVersion: null },
  });
  const again = shard(3, 3, [], { error: { message: 'There is no room.' }, components: [], ca: null });
  const merged = mergeReports([failed, shard(2, 3, ['b']), again]);
  expect(merged).toMatchObject({
    result: 'error',
    error: { message: 'In shard 1/3: etcd ended.', lastSeen: 'exit code 1' },
    problems: ['In shard 3/3: There is no room.'],
    components,
    environment: { kubernetesVersion: 'v1.37.2' },
  });
  expect(merged.ca).toEqual(exampleReport().ca);
  expect(reportSchema.parse(merged)).toEqual(merged);
});

test('sentences that shards share appear once', () => {
  const problems = ['The gateway kept no log.'];
  const merged = mergeReports([shard(1, 2, ['a'], { problems }), shard(2, 2, ['b'], { problems })]);
  expect(merged).toMatchObject({ problems, notUpstream: exampleReport().notUpstream });
});

describe('refuses in one sentence', () => {
  const { environment, components, ca } = exampleReport();
  test.each<[string, Report[], RegExp]>([
    ['nothing', [], /^No report to merge; /],
    ['a missing shard', [shard(1, 4, ['a']), shard(3, 4, ['c'])], /^Shards 2, 4 of 4 are missing; /],
    ['a shard twice', [shard(1, 2, ['a']), shard(1, 2, ['a'])], /^Shard 1\/2 is named twice; /],
    [
      'different splits',
      [shard(1, 2, ['a']), shard(2, 3, ['b'])],
      /^The reports come from different splits: shard 1\/2 and shard 2\/3\.$/,
    ],
    [
      'a whole run',
      [shard(1, 2, ['a']), exampleReport()],
      /^Report 2 of 2, of the run of 2026-11-24T09:00:00\.000Z, is not the report of a shard\. /,
    ],
    [
      'a scenario in two',
      [shard(1, 2, ['a']), shard(2, 2, ['a'])],
      /^The scenario a is in shard 1\/2 and in shard 2\/2, /,
    ],
    [
      'another Padlock',
      [shard(1, 2, ['a']), shard(2, 2, ['b'], { padlock: { version: '0.2.0' } })],
      /^The shards cannot be merged: the version of Padlock differs \(0\.1\.0 in shard 1\/2 and 0\.2\.0 in shard 2\/2\)\. /,
    ],
    [
      'another kind of environment',
      [shard(1, 2, ['a']), shard(2, 2, ['b'], { environment: { ...environment, kind: 'kind' } })],
      /: the kind of environment differs \(cell in shard 1\/2 and kind in shard 2\/2/,
    ],
    [
      'another component',
      [shard(1, 2, ['a']), shard(2, 2, ['b'], { components: components.map((each) => ({ ...each, version: 'v9' })) })],
      /: the component cert-manager-controller differs \(v1\.21\.2 \(sha256:[^)]*\) in shard 1\/2 and v9 /,
    ],
    [
      'a component that one lacks though its environment came up',
      [shard(1, 2, ['a']), shard(2, 2, ['b'], { components: components.slice(0, 1) })],
      /: the component envoy differs \(1\.40\.0 in shard 1\/2 and absent in shard 2\/2/,
    ],
    [
      'another setting of the CA',
      [shard(1, 2, ['a']), shard(2, 2, ['b'], { ca: ca === null ? null : { ...ca, settings: {} } })],
      /: the CA differs \(pebble v2\.10\.1 at \S+ with PEBBLE_VA_NOSLEEP=1 in shard 1\/2 and pebble v2\.10\.1 at \S+ in/,
    ],
    [
      'something else skipped',
      [shard(1, 2, ['a']), shard(2, 2, ['b'], { skippedOnRequest: ['browser'] })],
      /: what was skipped on request differs \(nothing in shard 1\/2 and browser in shard 2\/2\)/,
    ],
  ])('%s', (_, reports, message) => {
    expect(() => mergeReports(reports)).toThrow(
      expect.objectContaining({ name: 'UserError', exitCode: 2, message: expect.stringMatching(message) }),
    );
  });
});
