import { beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { isExhaustive } from '../../src/test/exhaustive.ts';
import { nothing } from '../machine.ts';
import { expectRefusal, factsOf, machineOf, notedBy, stepOf } from './exam-results.ts';
import type { ExamStep } from './guest/exam-step.ts';
import { boot } from './user-mode-linux.ts';

const reason = inject('whyNoUml') ?? (isExhaustive ? null : 'only with --exhaustive');
const limitMs = 30 * 60_000;
const statusSchema = z.array(z.object({ name: z.string(), phase: z.string() }));

/** The cells that a status in JSON lists. A terminal adds carriage returns, and shows stderr too. */
function cellsOf({ stdout }: ExamStep): unknown {
  return statusSchema.parse(JSON.parse(stdout.slice(stdout.indexOf('['), stdout.lastIndexOf(']') + 1)));
}

describe('rare machines', () => {
  if (reason !== null) {
    test('are booted', (context) => context.skip(reason));
    return;
  }
  const machine = machineOf('bookworm');
  let runs: readonly ExamStep[] = [];
  let fullDisk: readonly ExamStep[] = [];
  let container: readonly ExamStep[] = [];
  let oneCore: readonly ExamStep[] = [];
  beforeAll(async () => {
    runs = await boot(machine, { exam: 'runs' }).off(limitMs);
    fullDisk = await boot(machine, { exam: 'full-disk' }).off(limitMs);
    container = await boot(machine, { exam: 'container' }).off(limitMs);
    oneCore = await boot(machine, { exam: 'one-core', cpus: 1 }).off(limitMs);
  }, 4 * limitMs);

  test('a cell that a session leaves up outlives the logout', () => {
    const { exitCode, stdout } = stepOf(runs, 'session-up');
    expect(exitCode, stdout).toBe(0);
    expect(cellsOf(stepOf(runs, 'status-after-logout'))).toEqual([{ name: 'kept', phase: 'running' }]);
  });

  test('core passes in a service, in a second cell beside the kept one', () => {
    const { exitCode, stderr } = stepOf(runs, 'service-run');
    expect(exitCode, stderr).toBe(0);
    expect(cellsOf(stepOf(runs, 'status-after-run'))).toEqual([{ name: 'kept', phase: 'running' }]);
    expect(notedBy(runs, 'left-after-run')).toEqual(nothing);
    expect(stepOf(runs, 'down-all').exitCode).toBe(0);
    expect(notedBy(runs, 'left')).toEqual(nothing);
  });

  test('a disk that becomes full is named, and nothing is left', () => {
    for (const id of ['up', 'run', 'build']) expectRefusal(stepOf(fullDisk, id), 3, /no space (is )?left/i);
    expect(notedBy(fullDisk, 'left-after-up')).toEqual(nothing);
    expect(notedBy(fullDisk, 'left-after-run')).toEqual(nothing);
    const again = stepOf(fullDisk, 'build-again');
    expect(again.exitCode, again.stderr).toBe(0);
  });

  test('a run passes in a container with a cgroup of its own, which it gives back', () => {
    const { exitCode, stderr } = stepOf(container, 'run');
    expect(exitCode, stderr).toBe(0);
    expect(notedBy(container, 'left')).toEqual(nothing);
  });

  test('a run passes on one core', () => {
    const { exitCode, stderr } = stepOf(oneCore, 'run');
    expect(exitCode, stderr).toBe(0);
    expect(factsOf(oneCore).processors).toBe('1');
    expect(notedBy(oneCore, 'left')).toEqual(nothing);
  });
});
