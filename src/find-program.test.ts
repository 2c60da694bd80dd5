import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findProgram } from './find-program.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-programs-'));
  vi.stubEnv('PATH', `:${folder}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test('finds a program on PATH, and in the usual folders that PATH may lack', async () => {
  const program = join(folder, 'padlock-program');
  await writeFile(program, '', { mode: 0o755 });
  expect(await findProgram('padlock-program')).toBe(program);
  expect(await findProgram(program)).toBe(program);
  expect(await findProgram('sh')).toMatch(/bin\/sh$/);
});

test('finds no file that may not be run', async () => {
  await writeFile(join(folder, 'padlock-program'), '', { mode: 0o644 });
  expect(await findProgram('padlock-program')).toBeNull();
  expect(await findProgram('/no/such/program')).toBeNull();
});
