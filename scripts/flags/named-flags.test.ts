import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { isTest } from '../architecture/source-files.ts';
import { foreignFlags } from './foreign-flags.ts';
import { flagsOf, namedFlags, shownCalls, unknownFlags } from './named-flags.ts';

const root = join(import.meta.dirname, '..', '..');

function filesBelow(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const sources = ['src', 'suites', 'faults', 'scripts']
  .flatMap((folder) => filesBelow(folder, /\.ts$/))
  // Styles contain variables, not flags.
  .filter((file) => !isTest(file) && !file.endsWith('html-style.ts') && !file.startsWith('scripts/flags/'));
const texts = ['README.md', 'CONTRIBUTING.md', ...filesBelow('docs', /\.md$/), ...sources].map((file) => ({
  file,
  text: readFileSync(join(root, file), 'utf8'),
}));
const padlock = program({ signal: new AbortController().signal, end: async () => {} });

test('every flag that a text names is one of Padlock or of a listed program', () => {
  const known = new Set([...flagsOf(padlock), ...Object.values(foreignFlags).flat()]);
  const unknown = texts.flatMap(({ file, text }) =>
    namedFlags(text)
      .filter(({ flag }) => !known.has(flag))
      .map(({ flag, line }) => `${file}:${line} names ${flag}, which does not exist.`),
  );
  expect(unknown).toEqual([]);
});

test('every call that a text shows has the flags that its command has', () => {
  const calls = texts.flatMap(({ file, text }) => shownCalls(text).map((call) => ({ ...call, file })));
  expect(calls.length).toBeGreaterThan(100);
  const unknown = calls.flatMap((call) =>
    unknownFlags(call, padlock).map((flag) => `${call.file}:${call.line} calls '${call.words.join(' ')}': no ${flag}.`),
  );
  expect(unknown).toEqual([]);
});

test('every listed flag of another program is named, and no flag of Padlock is listed', () => {
  const named = new Set(texts.flatMap(({ text }) => namedFlags(text).map(({ flag }) => flag)));
  const own = flagsOf(padlock);
  const superfluous = Object.values(foreignFlags)
    .flat()
    .filter((flag) => !named.has(flag) || own.has(flag));
  expect(superfluous).toEqual([]);
});

test.each([
  ['Open the port, or give --https-port.', ['--https-port']],
  ["throw new UserError('--directory needs --on.');", ['--directory', '--on']],
  ['Use `--report r`, or `--json`.', ['--report']],
  ["spawn('unshare', ['--fork', '--kill-child=KILL', `--name=x`])", []],
  ['color: var(--ink); a--b; ---; <!-- x -->', []],
  ["['-XX', '--flushMillis=200']", []],
])('finds the flags that %j names', (text, flags) => {
  expect(namedFlags(text).map(({ flag }) => flag)).toEqual(flags);
});

const example = new Command('padlock').option('--debug').addCommand(new Command('run').option('--report <folder>'));

test.each([
  ['./padlock run core --report r --debug', []],
  ['`padlock run --raport r`', ['--raport']],
  ["'padlock run [--output <file>]'", ['--output']],
  ['padlock run core \\\n  --raport r', ['--raport']],
  ['padlock run core | other --flag', []],
  ['Whatever padlock shows has --no-meaning here', []],
])('judges the flags of the call in %j', (text, flags) => {
  expect(shownCalls(text).flatMap((call) => unknownFlags(call, example))).toEqual(flags);
});

test('counts lines over a call of several', () => {
  const text = 'one\npadlock run \\\n  --x\npadlock run --y\n';
  expect(shownCalls(text).map(({ line }) => line)).toEqual([2, 4]);
});
