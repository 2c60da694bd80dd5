import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faults } from '../faults/index.ts';
import { program } from '../src/cli/program.ts';
import { exitCode } from '../src/report/exit-code.ts';
import { allScenarios } from '../suites/index.ts';
import { leafCommands, nameOf, reference, referenceFile } from './write-reference.ts';

test('the committed reference matches the sources', () => {
  expect(
    readFileSync(referenceFile, 'utf8'),
    'docs/reference.md is not up to date: run `node scripts/write-reference.ts` and commit it',
  ).toBe(reference());
});

test('has a heading for every command and scenario', () => {
  const { commands } = program({ signal: new AbortController().signal, end: async () => {} });
  const headings = reference()
    .split('\n')
    .filter((line) => line.startsWith('### '));
  for (const name of [...leafCommands(commands).map(nameOf), ...allScenarios.map(({ id }) => id)]) {
    expect(headings).toContain(`### ${name}`);
  }
});

test('names the options of a command, each fault and each exit code', () => {
  const page = reference();
  expect(page).toContain('| `--report <folder>` | the report folder');
  for (const { id } of faults) expect(page).toContain(`| \`${id}\` | `);
  for (const code of Object.values(exitCode)) expect(page).toContain(`\n| ${code} | `);
});

test('every row of a table has as many cells as its head', () => {
  const cells = (line: string) => line.split(/(?<!\\)\|/).length;
  let head: string | undefined;
  for (const line of reference().split('\n')) {
    if (!line.startsWith('|')) head = undefined;
    else if (head === undefined) head = line;
    else expect(cells(line), line).toBe(cells(head));
  }
});
