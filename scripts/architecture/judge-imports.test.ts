import { expect, test } from 'vitest';
import { type ImportRules, judgeImports } from './judge-imports.ts';
import { importsOf, type SourceFile } from './source-files.ts';

const rules: ImportRules = {
  folders: { src: [], 'src/cli': ['src/report'], 'src/report': ['src/kube'], 'src/kube': [], 'suites/*': [] },
  tests: { 'src/kube': ['src/report'] },
};

function file(name: string, ...targets: string[]): SourceFile {
  return { file: name, imports: targets.map((target) => ({ target, typeOnly: false })) };
}

/** Files that use every entry of the rules, so that only what a test adds can be wrong. */
const sound = [
  file('src/user-error.ts'),
  file('src/cli/program.ts', 'src/report/report.ts', 'src/user-error.ts'),
  file('src/report/report.ts', 'src/kube/client.ts', 'src/report/junit.ts'),
  file('src/kube/client.ts'),
  file('src/kube/client.test.ts', 'src/report/report.ts', 'src/report/report-fixture.ts', 'src/kube/client.ts'),
  file('suites/core/scenario.ts', 'src/user-error.ts'),
];

test('accepts what the lines allow', () => {
  expect(judgeImports(sound, rules)).toEqual([]);
});

test.each([
  [
    'an import upwards',
    file('src/kube/watch.ts', 'src/report/report.ts'),
    'src/kube/watch.ts must not import src/report/report.ts: src/kube may not import src/report.',
  ],
  [
    'an import that leads over another folder',
    file('src/cli/main.ts', 'src/kube/client.ts'),
    'src/cli/main.ts must not import src/kube/client.ts: src/cli may not import src/kube.',
  ],
  [
    'an import of a file directly in src upwards',
    file('src/find-program.ts', 'src/kube/client.ts'),
    'src/find-program.ts must not import src/kube/client.ts: src may not import src/kube.',
  ],
  ['a folder without a line', file('src/acme/new.ts'), 'src/acme has no line in the import rules.'],
  [
    'a fixture outside of tests',
    file('src/cli/run.ts', 'src/cli/run-fixture.ts'),
    'src/cli/run.ts must not import src/cli/run-fixture.ts, which is for tests only.',
  ],
  [
    'the end-to-end tests outside of tests',
    file('src/cli/run.ts', 'e2e/machine.ts'),
    'src/cli/run.ts must not import e2e/machine.ts, which is for tests only.',
  ],
  [
    'a test that climbs further than its line for tests',
    file('src/kube/watch.test.ts', 'src/cli/program.ts'),
    'src/kube/watch.test.ts must not import src/cli/program.ts.',
  ],
])('finds %s', (_, added, deviation) => {
  expect(judgeImports([...sound, added], rules)).toEqual([deviation]);
});

test('lets a test import whatever its folder leads to', () => {
  const added = file('src/cli/program.test.ts', 'src/kube/client.ts', 'src/report/testing/example.ts');
  expect(judgeImports([...sound, added], rules)).toEqual([]);
});

test.each([
  [
    'src/report',
    'src/cli',
    { folders: { ...rules.folders, 'src/report': ['src/kube', 'src/cli'] }, tests: rules.tests },
    '',
  ],
  ['src/cli', 'src/kube', { folders: rules.folders, tests: { ...rules.tests, 'src/cli': ['src/kube'] } }, ' for tests'],
])('finds that %s does not import %s', (folder, target, changed, where) => {
  expect(judgeImports(sound, changed)).toEqual([
    `${folder} imports nothing of ${target}: remove it from its line${where}.`,
  ]);
});

test('an import by a test alone does not use an entry', () => {
  const files = sound.filter(({ file }) => file !== 'src/report/report.ts');
  const test = file('src/report/report.test.ts', 'src/kube/client.ts');
  expect(judgeImports([...files, test], rules)).toEqual([
    'src/report imports nothing of src/kube: remove it from its line.',
  ]);
});

test('finds a line without a folder', () => {
  expect(judgeImports(sound.slice(0, -1), rules)).toEqual([
    'suites/* contains no TypeScript: remove its line from the import rules.',
  ]);
});

test.each([
  ["import { watch } from '../kube/watch.ts';", [{ target: 'src/kube/watch.ts', typeOnly: false }]],
  ["import {\n  type Watch,\n  watch,\n} from './watch.ts';", [{ target: 'src/cli/watch.ts', typeOnly: false }]],
  ["import type { Watch } from './watch.ts';", [{ target: 'src/cli/watch.ts', typeOnly: true }]],
  ["import { type Watch, type Until } from './watch.ts';", [{ target: 'src/cli/watch.ts', typeOnly: true }]],
  ["export * from './watch.ts';", [{ target: 'src/cli/watch.ts', typeOnly: false }]],
  ["export type { Watch } from './watch.ts';", [{ target: 'src/cli/watch.ts', typeOnly: true }]],
  ["import './watch.ts';", [{ target: 'src/cli/watch.ts', typeOnly: false }]],
  ["const { run } = await import('./commands/run.ts');", [{ target: 'src/cli/commands/run.ts', typeOnly: false }]],
  ["type Kube = typeof import('../kube/index.ts');", [{ target: 'src/kube/index.ts', typeOnly: true }]],
  ["import { z } from 'zod';\nimport packageJson from '../../package.json' with { type: 'json' };", []],
  ["export const text = 'nothing';\n// import './watch.ts'", []],
])('reads %j', (text, imports) => {
  expect(importsOf('src/cli/main.ts', text)).toEqual(imports);
});
