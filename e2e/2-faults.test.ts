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

/** Runs the use case, on the cell unless told otherwise. */
function run(report: string, more: readonly string[] = [], where: readonly string[] = ['--on', cell]) {
  return padlock(['run', 'http01-ingress', ...where, '--report', join(folder, report), ...more]);
}

type ScenarioFault = (typeof scenarioFaults)[number];

/** Faults without an issuance mostly wait for the scenario's time limit: each does so on a cell of its own. */
function waits({ inScenario: { turnsRed } }: ScenarioFault): boolean {
  return turnsRed.includes('order-completed');
}

async function turnsExactlyItsChecksRed(fault: ScenarioFault): Promise<void> {
  const { id, diagnosedAs, verdict, inScenario } = fault;
  const { turnsRed } = inScenario;
  const { exitCode, stderr } = await run(id, ['--fault', id], waits(fault) ? [] : ['--on', cell]);
  expect(exitCode, stderr).toBe(turnsRed.length === 0 ? 0 : 1);
  const report = await readFile(join(folder, id, 'report.json'), 'utf8');
  const { scenarios, result } = reportSchema.parse(JSON.parse(report));
  expect(result).toBe(turnsRed.length === 0 ? 'passed' : 'failed');
  expect(scenarios[0]?.diagnosis?.rule ?? null, scenarios[0]?.diagnosis?.verdict).toBe(diagnosedAs);
  if (verdict !== null) expect(scenarios[0]?.diagnosis?.verdict).toMatch(verdict);
  const red = scenarios[0]?.checks.filter((check) => check.result === 'failed').map((check) => check.id);
  expect(red).toEqual(goodPathChecks.map((check) => check.id).filter((check) => turnsRed.includes(check)));
}

test('the cell passes before any fault', async () => {
  const { exitCode, stderr } = await run('before');
  expect(exitCode, stderr).toBe(0);
});

describe('a real fault turns exactly its own checks red', () => {
  // What waits runs beside the others; what only slows an issuance down is measured alone, below.
  const [waiting, others] = [scenarioFaults.filter(waits), scenarioFaults.filter((fault) => !waits(fault))];
  const measured = others.filter(({ inScenario: { turnsRed } }) => turnsRed.length === 0);

  describe('side by side', () => {
    const started = new Map<string, Promise<void>>();
    beforeAll(() => {
      for (const fault of waiting) {
        const ended = turnsExactlyItsChecksRed(fault);
        ended.catch(() => {});
        started.set(fault.id, ended);
      }
    });

    test.for(others.filter((fault) => !measured.includes(fault)))('$id', turnsExactlyItsChecksRed);
    test.for(waiting)('$id', async ({ id }) => await started.get(id));
  });

  test.for(measured)('$id', turnsExactlyItsChecksRed);

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
