import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Report, reportSchema } from '../src/report/report.ts';
import { isExhaustive } from '../src/test/exhaustive.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { padlock } from './padlock-command.ts';

const before = lookAtMachine();
const folder = folderOfTests();

/** What runs each time, all but one side by side on one cell; the rest of both suites is behind `--exhaustive`. */
const eachTime: readonly string[] = [
  'certificate-deleted-in-mid-challenge',
  'renewal-by-ari',
  'renewal-by-time',
  'restored-from-backup',
  'rotation-ingress-gateway',
  'gateway-api-across-namespaces',
  'invalid-secrets',
  'redirect-by-http-route',
  'strict-mtls-destination-rule',
  'token-demanded-but-for-challenge',
];

async function run(name: string, scenarios: readonly string[]): Promise<Report['scenarios']> {
  const { exitCode, stderr } = await padlock(['run', ...scenarios, '--report', join(folder, name)]);
  expect(exitCode, stderr).toBe(0);
  return reportSchema.parse(JSON.parse(await readFile(join(folder, name, 'report.json'), 'utf8'))).scenarios;
}

describe('the suites lifecycle and mesh', () => {
  test('the scenarios of each time pass, every check of them, and leave nothing', async () => {
    const scenarios = await run('each-time', eachTime);
    expect(scenarios.map(({ id, result }) => `${id} ${result}`).toSorted()).toEqual(
      eachTime.map((id) => `${id} passed`).toSorted(),
    );
    expect(leftSince(before)).toEqual(nothing);
  });

  test.runIf(isExhaustive)('all of both suites pass, and leave nothing', async () => {
    const scenarios = await run('all', ['lifecycle', 'mesh']);
    expect(scenarios.filter(({ result }) => result !== 'passed').map(({ id }) => id)).toEqual([]);
    const ids = scenarios.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([...eachTime]));
    expect(leftSince(before)).toEqual(nothing);
  });
});
