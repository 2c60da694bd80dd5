import { beforeAll, describe, expect, inject, test } from 'vitest';
import { nothing } from '../machine.ts';
import { expectRefusal, factsOf, machineOf, notedBy, stepOf } from './exam-results.ts';
import type { ExamStep } from './guest/exam-step.ts';
import { boot } from './user-mode-linux.ts';

const reason = inject('whyNoUml');
const limitMs = 8 * 60_000;

describe('a machine with one core and 2 GiB of memory', () => {
  if (reason !== null) {
    test('is booted', (context) => context.skip(reason));
    return;
  }
  const machine = machineOf('bookworm');
  let steps: readonly ExamStep[] = [];
  beforeAll(async () => {
    steps = await boot(machine, { exam: 'small', memoryMib: 2048, cpus: 1 }).off(limitMs);
  }, limitMs);

  test('has systemd, cgroup v2 and AppArmor', () => {
    expect(factsOf(steps)).toMatchObject({ init: 'systemd', appArmor: 'Y', processors: '1' });
    expect(factsOf(steps).controllers).toContain('memory');
  });

  test('doctor says what it lacks, and that the rest is there', () => {
    const { exitCode, stdout } = stepOf(steps, 'doctor');
    expect(stdout).toContain('ok       cgroups: cgroup v2');
    expect(stdout.match(/^missing .*$/gm)).toEqual([expect.stringMatching(/^missing {2}memory: /)]);
    expect(exitCode).toBe(3);
  });

  test('up is refused in one sentence, and leaves nothing', () => {
    expectRefusal(stepOf(steps, 'up'), 3, /This machine cannot run .*GiB of memory.* use a larger machine\.$/m);
    expect(notedBy(steps, 'left')).toEqual(nothing);
  });
});
