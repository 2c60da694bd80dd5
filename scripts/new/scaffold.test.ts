import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../../src/user-error.ts';
import { kinds, subfoldersOf, templateMark } from './kinds.ts';
import { formatFiles, scaffold } from './scaffold.ts';
import { takenIds } from './taken-ids.ts';

const root = join(import.meta.dirname, '..', '..');
const sources = ['src', 'suites', 'faults', 'e2e', 'scripts'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'padlock-new-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function filesBelow(parent: string): string[] {
  return readdirSync(parent, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The name of something new of each kind, in the first folder where there are several. */
const names = kinds.map((kind) => {
  const name = 'made-for-a-test';
  return [kind.id, kind.sortedInto === undefined ? name : `${subfoldersOf(root, kind)[0]}/${name}`] as const;
});

test('every scaffold passes types and lint, and says what to fill in', { timeout: 240_000 }, () => {
  for (const source of ['src', 'suites', 'faults', 'package.json', 'tsconfig.json', 'vitest.config.ts', 'biome.json']) {
    cpSync(join(root, source), join(folder, source), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const written = names.flatMap(([kind, name]) => scaffold(folder, [kind, name]).written);
  expect(written.length).toBeGreaterThan(kinds.length);
  const texts = written.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
  expect(texts.filter(({ text }) => /\{\{\w/.test(text))).toEqual([]);
  // So that no file can be committed as it was written.
  const complete = texts.filter(({ file, text }) => !text.includes(templateMark) && !file.includes('.test.'));
  expect(complete.map(({ file }) => file)).toEqual([]);
  formatFiles(folder, written);
  const run = (program: string, ...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], { cwd: folder, encoding: 'utf8' });
  const lint = run('@biomejs/biome/bin/biome', 'check', '--vcs-enabled=false', '--error-on-warnings', ...written);
  expect(lint.status, lint.stdout + lint.stderr).toBe(0);
  const types = run('typescript/bin/tsc', '--project', folder);
  expect(types.status, types.stdout + types.stderr).toBe(0);
});

test('no text of a template is left in the repository', () => {
  const left = sources
    .flatMap((source) => filesBelow(join(root, source)))
    .filter((file) => /\.(ts|yaml)$/.test(file) && !file.startsWith(import.meta.dirname))
    .filter((file) => new RegExp(`\\b${templateMark}\\b`).test(readFileSync(file, 'utf8')))
    .map((file) => relative(root, file));
  expect(left).toEqual([]);
});

test('names the next steps with the name of the new thing', () => {
  mkdirSync(join(folder, 'faults'));
  const { written, next } = scaffold(folder, ['fault', 'no-such-host']);
  const files = ['fault.ts', 'manifest.yaml', 'cure.yaml'].map((file) => `faults/no-such-host/${file}`);
  expect(written).toEqual(files);
  expect(next.join('\n')).toContain('--fault no-such-host');
  expect(readFileSync(join(folder, 'faults/no-such-host/fault.ts'), 'utf8')).toContain("id: 'no-such-host'");
});

test('puts a scenario into the suite core unless another suite is named', () => {
  for (const suite of ['core', 'mesh']) mkdirSync(join(folder, 'suites', suite), { recursive: true });
  expect(scaffold(folder, ['scenario', 'one']).written[0]).toBe('suites/core/one/scenario.ts');
  expect(scaffold(folder, ['scenario', 'mesh/two']).written[0]).toBe('suites/mesh/two/scenario.ts');
  expect(() => scaffold(folder, ['scenario', 'other/two'])).toThrow('FOLDER is one of core, mesh;');
});

test.each([
  ['scenario', 'core/dns01-wildcard'],
  ['scenario', 'mesh'],
  ['check', 'serving/order-completed'],
  ['rule', 'issuer-missing'],
  ['acme-check', 'transport/rate-limits'],
  ['acme-check', 'transport/retry-after-is-understandable'],
  ['fault', 'wrong-address'],
  ['ca', 'step-ca'],
])('refuses a %s with the name of %s, which is taken', (kind, name) => {
  for (const made of ['suites/core', 'src/checks/serving', 'src/acme/catalogue/transport']) {
    mkdirSync(join(folder, made), { recursive: true });
  }
  expect(() => scaffold(folder, [kind, name], takenIds)).toThrow(
    /^The name '[a-z0-9-]+' is taken: choose another name /,
  );
  expect(filesBelow(folder)).toEqual([]);
});

test('numbers a group of ACME checks after the last', () => {
  mkdirSync(join(folder, 'src/acme/catalogue/orders'), { recursive: true });
  writeFileSync(join(folder, 'src/acme/catalogue/orders/09-new-order.ts'), '');
  expect(scaffold(folder, ['acme-check', 'orders/retry-after']).written).toEqual([
    'src/acme/catalogue/orders/10-retry-after.ts',
  ]);
});

test.each([
  [[], 'Usage: npm run new -- KIND NAME, where KIND is one of scenario, check, rule, acme-check, fault, ca.'],
  [['fault'], 'Usage: npm run new -- KIND NAME, '],
  [['fault', 'one', 'two'], 'Usage: npm run new -- KIND NAME, '],
  [['checks', 'serving/one'], "Unknown kind 'checks'. Usage: npm run new -- KIND NAME, "],
  [['fault', 'NoSuchHost'], "'NoSuchHost' is not a name in kebab-case"],
  [['fault', '../outside'], "'../outside' is not a name in kebab-case"],
  [['check', 'sends-hsts'], "FOLDER/NAME, where FOLDER is one of issuance, serving; 'sends-hsts' is not."],
  [['check', 'other/sends-hsts'], "FOLDER/NAME, where FOLDER is one of issuance, serving; 'other/sends-hsts' is not."],
  [['check', 'serving/Sends'], "'serving/Sends' is not a name in kebab-case"],
  [['fault', 'wrong-address'], 'faults/wrong-address/fault.ts exists already: edit it, or choose another name.'],
])('refuses %j and writes nothing', (words, sentence) => {
  for (const made of ['src/checks/serving', 'src/checks/issuance', 'src/checks/testing', 'faults/wrong-address']) {
    mkdirSync(join(folder, made), { recursive: true });
  }
  writeFileSync(join(folder, 'faults/wrong-address/fault.ts'), '');
  expect(() => scaffold(folder, words)).toThrow(UserError);
  expect(() => scaffold(folder, words)).toThrow(sentence);
  expect(filesBelow(folder).map((file) => relative(folder, file))).toEqual(['faults/wrong-address/fault.ts']);
});

test('--help lists the kinds', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'new.ts'), '--help'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Usage: npm run new -- KIND NAME\n/);
  for (const { id } of kinds) expect(stdout).toContain(`\n  ${id} `);
});

test('ends with one sentence and status 2 on the command line', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'new.ts'), 'thing', 'x'], {
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^Unknown kind 'thing'\. Usage: [^\n]+\n$/);
  expect(existsSync(join(root, 'thing'))).toBe(false);
});
