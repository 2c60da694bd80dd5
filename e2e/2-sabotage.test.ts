import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goodPathChecks } from '../src/checks/index.ts';
import { reportSchema } from '../src/report/index.ts';
import { sabotages } from '../src/suite/sabotage.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { padlock } from './padlock-command.ts';

const cell = 'e2e-sabotage';
const before = lookAtMachine();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-e2e-'));
  const { exitCode, stderr } = await padlock(['up', '--name', cell]);
  expect(exitCode, stderr).toBe(0);
});

afterAll(async () => {
  await padlock(['down', cell]);
  await rm(folder, { recursive: true });
  expect(leftSince(before)).toEqual(nothing);
});

describe('a real fault turns exactly the checks red that it must', () => {
  test.for(sabotages)('$id', async ({ id, turnsRed }) => {
    const report = join(folder, id);
    const { exitCode, stderr } = await padlock([
      'run',
      'http01-ingress',
      '--on',
      cell,
      '--sabotage',
      id,
      '--report',
      report,
    ]);
    expect(exitCode, stderr).toBe(1);
    const { scenarios, result } = reportSchema.parse(JSON.parse(await readFile(join(report, 'report.json'), 'utf8')));
    expect(result).toBe('failed');
    const red = scenarios[0]?.checks.filter((check) => check.result === 'failed').map((check) => check.id);
    expect(red).toEqual(goodPathChecks.map((check) => check.id).filter((check) => turnsRed.includes(check)));
  });

  test('the same cell passes again once the fault is gone', async () => {
    const { exitCode, stderr } = await padlock([
      'run',
      'http01-ingress',
      '--on',
      cell,
      '--report',
      join(folder, 'cured'),
    ]);
    expect(exitCode, stderr).toBe(0);
  });
});
