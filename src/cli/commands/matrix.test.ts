import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../command-line.ts';
import { program } from '../program.ts';

let folder: string;
let err: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-matrix-'));
  err = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function matrix(axes: string, ...argv: readonly string[]): Promise<number> {
  const config = join(folder, 'padlock.config.yaml');
  await writeFile(config, `matrix:\n  axes:\n    ${axes}\n`);
  return await main(['matrix', '--config', config, '--report', join(folder, 'report'), ...argv]);
}

// The first command of a file imports all that the command needs.
const timeout = 60_000;

test.each([
  { argv: ['--feature', 'no-such'], says: "Unknown feature 'no-such'. Known features: http01, " },
  { argv: ['--exempt-feature', 'no-such'], says: "Unknown feature 'no-such'. Known features: http01, " },
  { argv: ['core', '--feature', 'ca'], says: ' has the feature ca.' },
  { argv: ['ca', '--exempt-feature', 'ca'], says: ' is left by --exempt-feature ca.' },
  { argv: ['no-such'], says: "Unknown scenario or suite 'no-such'." },
])('$argv selects nothing: wrong usage before the first run', { timeout }, async ({ argv, says }) => {
  expect(await matrix('istio: [1.30.1]', ...argv)).toBe(2);
  expect(err).toContain(says);
  expect(await readdir(folder)).toEqual(['padlock.config.yaml']);
});

test('an axis can be a feature, and each of its values must select a scenario', { timeout }, async () => {
  expect(await matrix('feature: [http01, ca]', 'core')).toBe(2);
  expect(err).toContain(' has the feature ca.');
  expect(await readdir(folder)).toEqual(['padlock.config.yaml']);
});

test('the options that select scenarios are those of run', () => {
  const { commands } = program({ signal: new AbortController().signal, end: async () => {} });
  const selecting = (name: string) =>
    commands
      .find((command) => command.name() === name)
      ?.options.filter(({ long }) => ['--feature', '--exempt-feature'].includes(long ?? ''))
      .map(({ flags, description, defaultValue, defaultValueDescription }) => ({
        ...{ flags, description, defaultValue, defaultValueDescription },
      }));
  expect(selecting('matrix')).toHaveLength(2);
  expect(selecting('matrix')).toEqual(selecting('run'));
});
