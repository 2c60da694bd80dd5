import { beforeAll, describe, expect, inject, test } from 'vitest';
import { isExhaustive } from '../../src/test/exhaustive.ts';
import { nothing } from '../machine.ts';
import { expectRefusal, factsOf, machineOf, notedBy, stepOf } from './exam-results.ts';
import type { ExamStep } from './guest/exam-step.ts';
import { type Release, releases } from './images.ts';
import { boot } from './user-mode-linux.ts';

const reason = inject('whyNoUml') ?? (isExhaustive ? null : 'only with --exhaustive');
const tried: readonly Release[] = ['bookworm', 'trixie'];
const limitMs = 15 * 60_000;

describe.each(tried.map((release) => ({ release, name: releases[release] })))('$name', ({ release }) => {
  if (reason !== null) {
    test('is booted', (context) => context.skip(reason));
    return;
  }
  const machine = machineOf(release);
  let steps: readonly ExamStep[] = [];
  let stepsAfterwards: readonly ExamStep[] = [];
  beforeAll(async () => {
    const first = boot(machine, { exam: 'until-power-cut' });
    await first.step('in-mid-start', limitMs);
    await first.cutPower();
    steps = first.steps();
    stepsAfterwards = await boot(machine, { exam: 'after-power-cut' }).off(limitMs);
  }, 2 * limitMs);

  test('it is a machine with systemd, cgroup v2 and AppArmor, without user namespaces', () => {
    const facts = factsOf(steps);
    expect(facts).toMatchObject({ init: 'systemd', appArmor: 'Y', maxUserNamespaces: '0' });
    expect(facts.release).toContain(releases[release].replace('Debian', 'Debian GNU/Linux'));
    expect(facts.controllers).toContain('memory');
  });

  test('doctor finds all that a cell needs', () => {
    const { exitCode, stdout, stderr } = stepOf(steps, 'doctor');
    expect(exitCode, stdout + stderr).toBe(0);
    expect(stdout).toContain('ok       cgroups: cgroup v2');
  });

  test('what the machine forbids is said in one sentence, and leaves nothing', () => {
    expectRefusal(stepOf(steps, 'visitor-up'), 3, /run as root/);
    expectRefusal(stepOf(steps, 'no-cgroups-up'), 3, /no cgroup can be made in \/sys\/fs\/cgroup \(EROFS\)/);
    expectRefusal(stepOf(steps, 'no-namespaces-up'), 3, /namespaces cannot be made here/);
    expect(notedBy(steps, 'left-after-refusals')).toEqual(nothing);
  });

  test('after a power cut, status tells what was up, and down --all leaves nothing', () => {
    const { stdout } = stepOf(stepsAfterwards, 'status');
    expect(stdout).toMatch(/^cut\tcell\tended/m);
    expect(stdout).toContain("It no longer runs. 'padlock down cut' removes what is left.");
    expect(stepOf(stepsAfterwards, 'down-all').exitCode).toBe(0);
    expect(notedBy(stepsAfterwards, 'left')).toEqual(nothing);
    expect(stepOf(stepsAfterwards, 'failed-units').stdout).toBe('');
  });
});
