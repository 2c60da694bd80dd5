import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { badFiles, badInputs } from './bad-inputs-fixture.ts';
import { type CapturedOutput, captureOutput } from './captured-output-fixture.ts';
import { main } from './command-line.ts';

let folder: string;
let said: CapturedOutput;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-bad-input-'));
  for (const [name, content] of Object.entries(badFiles)) {
    const file = join(folder, name);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(() => {
  said = captureOutput();
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test.each(badInputs)('padlock %s ends with %d', { timeout: 60_000 }, async (command, exitCode, words) => {
  const argv = command.split(' ').map((argument) => argument.replaceAll('@', `${folder}/`));
  expect(await main(argv), said.err).toBe(exitCode);
  expect(said.err.replaceAll(`${folder}/`, '@')).toContain(words);
  expect(said.err).not.toMatch(/^\s+at /m);
  expect(said.err).not.toMatch(/\[object Object\]|ZodError|SyntaxError|TypeError/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal must not obey what a file says
  expect(said.err).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
  expect(said.out).toBe('');
});

test('a hundred inputs at least are in the table, each once', () => {
  expect(badInputs.length).toBeGreaterThanOrEqual(100);
  expect(new Set(badInputs.map(([command]) => command)).size).toBe(badInputs.length);
});
