import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { architectureFile, withDiagram } from '../write-architecture.ts';
import { circlesOf, graphOf } from './import-circles.ts';
import { folderCircles, importRules, typeCircles } from './import-rules.ts';
import { judgeImports } from './judge-imports.ts';
import { readSourceFiles } from './source-files.ts';

const files = readSourceFiles(join(import.meta.dirname, '..', '..'));

test('every folder imports what its line allows', () => {
  expect(files.length).toBeGreaterThan(500);
  expect(judgeImports(files, importRules)).toEqual([]);
});

test('folders have no circles but those with a reason', () => {
  expect(circlesOf(new Map(Object.entries(importRules.folders)))).toEqual(folderCircles.map(({ members }) => members));
});

test('no files load each other in a circle', () => {
  expect(circlesOf(graphOf(files, { values: true }))).toEqual([]);
});

test('files have no circles through types but those with a reason', () => {
  expect(circlesOf(graphOf(files, { values: false }))).toEqual(typeCircles.map(({ members }) => members));
});

test('the diagram in docs/architecture.md shows the rules', () => {
  const page = readFileSync(architectureFile, 'utf8');
  expect(page, 'docs/architecture.md is out of date: run `node scripts/write-architecture.ts`').toBe(withDiagram(page));
});
