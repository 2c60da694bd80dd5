import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { type Report, reportSchema } from '../../src/report/report.ts';
import { suites } from '../../suites/index.ts';
import { folderOfTests } from '../folder-of-tests.ts';
import { padlock } from '../padlock-command.ts';
import { leftOf, rigArguments } from './kind-subject.ts';

const folder = folderOfTests();
const reason = inject('whyNoKind');

test('the suite core passes on kind, every check of it, and leaves nothing', async (context) => {
  if (reason !== null) return context.skip(reason);
  const reports = join(folder, 'core');
  const { exitCode, stderr } = await padlock([
    'run',
    'core',
    '--environment',
    'kind',
    ...rigArguments(),
    '--report',
    reports,
  ]);
  expect(exitCode, stderr).toBe(0);
  const report: Report = reportSchema.parse(JSON.parse(await readFile(join(reports, 'report.json'), 'utf8')));
  expect(report.result).toBe('passed');
  expect(report.scenarios.map(({ id, result }) => `${id} ${result}`)).toEqual(
    (suites.core ?? []).map(({ id }) => `${id} passed`),
  );
  expect(report.scenarios.flatMap(({ checks }) => checks.filter(({ result }) => result !== 'passed'))).toEqual([]);
  expect(await leftOf('run-')).toEqual([]);
});

test('a node image that does not exist ends in one sentence and leaves nothing', async (context) => {
  if (reason !== null) return context.skip(reason);
  const { exitCode, stderr } = await padlock([
    'up',
    '--environment',
    'kind',
    '--name',
    'no-image',
    '--node-image',
    'localhost/no-such:image',
  ]);
  expect(exitCode, stderr).toBe(3);
  expect(stderr).toContain('localhost/no-such:image');
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(await leftOf('no-image')).toEqual([]);
});
