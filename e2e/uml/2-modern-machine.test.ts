import { beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { isExhaustive } from '../../src/test/exhaustive.ts';
import { nothing } from '../machine.ts';
import { expectRefusal, factsOf, machineOf, notedBy, stepOf } from './exam-results.ts';
import type { ExamStep } from './guest/exam-step.ts';
import { type Release, releases } from './images.ts';
import { boot } from './user-mode-linux.ts';

const reason = inject('whyNoUml') ?? (isExhaustive ? null : 'only with --exhaustive');
const tried: readonly Release[] = isExhaustive ? ['bookworm', 'trixie'] : ['bookworm'];

/** The suite takes minutes more. */
const scenarios = [isExhaustive ? 'core' : 'http01-ingress'];

/** A boot, and the steps that the slow machine needs until the power is cut. */
const untilCutMs = 25 * 60_000;
const afterCutMs = 15 * 60_000;

const statusSchema = z.array(z.object({ name: z.string(), phase: z.string() }));

/** Phases of cells by name. A terminal adds carriage returns, and shows stderr too. */
function phasesOf({ stdout }: ExamStep): Readonly<Record<string, string>> {
  const json = stdout.slice(stdout.indexOf('['), stdout.lastIndexOf(']') + 1);
  return Object.fromEntries(statusSchema.parse(JSON.parse(json)).map(({ name, phase }) => [name, phase]));
}

describe.each(tried.map((release) => ({ release, name: releases[release] })))('$name', ({ release }) => {
  if (reason !== null) {
    test('is booted', (context) => context.skip(reason));
    return;
  }
  const machine = machineOf(release);
  let steps: readonly ExamStep[] = [];
  beforeAll(async () => {
    const first = boot(machine, { exam: 'whole', scenarios });
    await first.step('in-mid-run', untilCutMs);
    await first.cutPower();
    steps = [...first.steps(), ...(await boot(machine, { exam: 'after-power-cut' }).off(afterCutMs))];
  }, untilCutMs + afterCutMs);

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
    expectRefusal(stepOf(steps, 'no-cgroups-up'), 3, /cgroup/);
    expectRefusal(stepOf(steps, 'no-namespaces-up'), 3, /namespaces cannot be made here/);
    expect(notedBy(steps, 'left-after-refusals')).toEqual(nothing);
  });

  test('a cell that a session leaves up outlives the logout', () => {
    const { exitCode, stdout } = stepOf(steps, 'session-up');
    expect(exitCode, stdout).toBe(0);
    expect(phasesOf(stepOf(steps, 'status-after-logout'))).toEqual({ kept: 'running' });
  });

  test(`${scenarios} passes in a service, in a second cell beside the kept one`, () => {
    const { exitCode, stderr } = stepOf(steps, 'service-run');
    expect(exitCode, stderr).toBe(0);
    expect(phasesOf(stepOf(steps, 'status-after-run'))).toEqual({ kept: 'running' });
    expect(notedBy(steps, 'left-after-run')).toEqual(nothing);
  });

  test('after a power cut, status tells what was up, and down --all leaves nothing', () => {
    const { stdout } = stepOf(steps, 'status');
    expect(stdout).toMatch(/^kept\tcell\tended/m);
    expect(stdout).toContain("It no longer runs. 'padlock down kept' removes what is left.");
    expect(stepOf(steps, 'down-all').exitCode).toBe(0);
    expect(notedBy(steps, 'left-after-down')).toEqual(nothing);
  });

  test('after a power cut, a run passes with the same cache', () => {
    const { exitCode, stderr } = stepOf(steps, 'run');
    expect(exitCode, stderr).toBe(0);
    expect(notedBy(steps, 'left')).toEqual(nothing);
  });
});
