import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scenarioFaults } from '../faults/index.ts';
import { goodPathChecks } from '../src/checks/all-checks.ts';
import type { Comparison } from '../src/report/compare/compare.ts';
import { reportSchema } from '../src/report/report.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { padlock } from './padlock-command.ts';

const cell = 'e2e-faults';
const before = lookAtMachine();
const folder = folderOfTests();

beforeAll(async () => {
  const { exitCode, stderr } = await padlock(['up', '--name', cell]);
  expect(exitCode, stderr).toBe(0);
});

afterAll(async () => {
  await padlock(['down', cell]);
  expect(leftSince(before)).toEqual(nothing);
});

/** Runs the use case on the cell. */
function run(report: string, ...more: readonly string[]) {
  return padlock(['run', 'http01-ingress', '--on', cell, '--report', join(folder, report), ...more]);
}

test('the cell passes before any fault', async () => {
  const { exitCode, stderr } = await run('before');
  expect(exitCode, stderr).toBe(0);
});

describe('a real fault turns exactly its own checks red', () => {
  test.for(scenarioFaults)('$id', async ({ id, diagnosedAs, verdict, inScenario: { turnsRed } }) => {
    const report = join(folder, id);
    const { exitCode, stderr } = await run(id, '--fault', id);
    expect(exitCode, stderr).toBe(turnsRed.length === 0 ? 0 : 1);
    const { scenarios, result } = reportSchema.parse(JSON.parse(await readFile(join(report, 'report.json'), 'utf8')));
    expect(result).toBe(turnsRed.length === 0 ? 'passed' : 'failed');
    expect(scenarios[0]?.diagnosis?.rule ?? null, scenarios[0]?.diagnosis?.verdict).toBe(diagnosedAs);
    if (verdict !== null) expect(scenarios[0]?.diagnosis?.verdict).toMatch(verdict);
    const red = scenarios[0]?.checks.filter((check) => check.result === 'failed').map((check) => check.id);
    expect(red).toEqual(goodPathChecks.map((check) => check.id).filter((check) => turnsRed.includes(check)));
  });

  test('the same cell passes again once the fault is gone', async () => {
    const { exitCode, stderr } = await run('cured');
    expect(exitCode, stderr).toBe(0);
  });
});

describe('padlock compare', () => {
  async function compared(earlier: string, later: string) {
    const { exitCode, stdout, stderr } = await padlock([
      'compare',
      join(folder, earlier),
      join(folder, later),
      '--json',
    ]);
    return { exitCode, stderr, comparison: JSON.parse(stdout) as Comparison };
  }

  test('of two runs of the same sources shows no regression', async () => {
    const { exitCode, stderr, comparison } = await compared('before', 'cured');
    expect(comparison.regression, JSON.stringify(comparison)).toBe(false);
    expect(exitCode, stderr).toBe(0);
  });

  // Both on a cell that is warm: the first solver of a cell is slower.
  test('of a run with a solver that is 2 s late shows exactly that phase', async () => {
    const { exitCode, stderr, comparison } = await compared('cured', 'solver-late');
    expect(exitCode, `${stderr}${JSON.stringify(comparison)}`).toBe(1);
    expect(comparison.slower.map(({ phase }) => phase)).toEqual(['solver-ready']);
  });
});
