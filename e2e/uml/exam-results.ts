import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, inject, type RunnerTask } from 'vitest';
import { z } from 'zod';
import type { ExamStep } from './guest/exam-step.ts';
import { type Release, umlFolder } from './images.ts';
import { type Machine, removeDisks } from './user-mode-linux.ts';

/**
 * A machine for the tests of a file. Its disks go when they have ended; where one failed, what the machine wrote to its console and
 * its exams stays.
 *
 * @throws Error where no image of the release was made
 */
export function machineOf(release: Release): Machine {
  const images = inject('umlImages');
  const rootImage = images?.roots[release];
  if (images === null || rootImage === undefined) throw new Error(`no image of ${release} was made`);
  const folder = mkdtempSync(join(umlFolder(), 'machine-'));
  const machine = { kernel: images.kernel, rootImage, disk: images.disk, folder };
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the first parameter as a pattern of fixtures
  afterAll(({}, suite) => {
    removeDisks(machine);
    if (suite.tasks.some(hasFailed)) process.stderr.write(`What the machine wrote is kept in ${folder}.\n`);
    else rmSync(folder, { recursive: true });
  });
  return machine;
}

function hasFailed(task: RunnerTask): boolean {
  return task.result?.state === 'fail' || ('tasks' in task && task.tasks.some(hasFailed));
}

/** The step of an exam by its id. @throws Error that names the steps there are */
export function stepOf(steps: readonly ExamStep[], id: string): ExamStep {
  const found = steps.find((step) => step.id === id);
  if (found === undefined) throw new Error(`no step '${id}' among ${steps.map((step) => step.id).join(', ')}`);
  return found;
}

/** One sentence, the exit code that the reference documents, and no stack trace. */
export function expectRefusal({ exitCode, stderr }: ExamStep, code: number, words: RegExp): void {
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(exitCode, stderr).toBe(code);
}

/** What the machine says of itself, see guest/exam.ts. */
export function factsOf(steps: readonly ExamStep[]): Readonly<Record<string, string>> {
  return z.record(z.string(), z.string()).parse(JSON.parse(stepOf(steps, 'machine').stdout));
}

/** What a step noted, as JSON. */
export function notedBy(steps: readonly ExamStep[], id: string): unknown {
  return JSON.parse(stepOf(steps, id).stdout);
}
