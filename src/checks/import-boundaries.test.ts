import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/**
 * Checks, and everything in `src/issuance`, are pure functions of evidence. This test follows their imports, through the
 * evidence folder too. They may reach nothing that makes a result depend on more than the document.
 */
const source = dirname(import.meta.dirname);
const checksFolder = import.meta.dirname;

/** The packages that a file may import, by its folder. */
const allowedPackages: Readonly<Record<string, readonly string[]>> = {
  checks: ['node:crypto'],
  issuance: ['zod', 'node:crypto'],
  evidence: ['zod', 'node:crypto'],
};
/** The other folders that a file may import from, by its folder. */
const below: Readonly<Record<string, readonly string[]>> = {
  checks: ['issuance', 'evidence', 'error-message.ts'],
  issuance: ['evidence', 'error-message.ts'],
  evidence: ['error-message.ts'],
};
/** Globals that reach the clock, the machine or the network. */
const impureGlobals = /\b(process|fetch|performance|setTimeout|setInterval|Math\.random|Date\.now|new Date\(\))(?!\w)/;

function isForTests(file: string): boolean {
  return file.endsWith('.test.ts') || file.endsWith('-fixture.ts');
}

function importsOf(text: string): string[] {
  const specifiers = text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])(?<specifier>[^'"]+)\1/g);
  return [...specifiers].map((match) => match.groups?.specifier ?? '');
}

/** The forbidden imports and globals of a file. Adds the files that it imports to `reached`. */
function defectsOf(file: string, text: string, reached: Set<string>): string[] {
  const name = relative(source, file);
  const [folder = ''] = name.split('/');
  const defects: string[] = [];
  for (const specifier of importsOf(text)) {
    if (!specifier.startsWith('.')) {
      if (!allowedPackages[folder]?.includes(specifier)) defects.push(`${name} imports ${specifier}`);
      continue;
    }
    const target = join(dirname(file), specifier);
    const [targetFolder = ''] = relative(source, target).split('/');
    const inward = targetFolder === folder || below[folder]?.includes(targetFolder) === true;
    if (!inward || isForTests(target)) defects.push(`${name} imports ${relative(source, target)}`);
    else reached.add(target);
  }
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const impure = impureGlobals.exec(code);
  if (impure !== null) defects.push(`${name} uses ${impure[0]}`);
  return defects;
}

test('checks and issuance reach nothing but evidence, zod and node:crypto', () => {
  const reached = new Set(
    ['checks', 'issuance'].flatMap((folder) =>
      readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !isForTests(file))
        .map((file) => join(source, folder, file)),
    ),
  );
  expect(reached).toContain(join(source, 'checks/judge.ts'));
  expect(reached).toContain(join(source, 'issuance/derived-fields.ts'));
  // A Set gives its iterator what is added meanwhile, so this visits every file that is reached.
  const defects = [...reached.values().flatMap((file) => defectsOf(file, readFileSync(file, 'utf8'), reached))];
  expect(defects).toEqual([]);
  expect([...reached].map((file) => relative(source, file))).toContain('evidence/evidence.ts');
});

test.each([
  ["import { readFileSync } from 'node:fs';", 'imports node:fs'],
  ["import * as net from 'node:net';", 'imports node:net'],
  ["import { KubeConfig } from '@kubernetes/client-node';", 'imports @kubernetes/client-node'],
  ["import 'reflect-metadata';", 'imports reflect-metadata'],
  ["const fs = await import('node:fs/promises');", 'imports node:fs/promises'],
  ["import { watch } from '../kube/watch.ts';", 'imports kube/watch.ts'],
  ["export * from '../report/report.ts';", 'imports report/report.ts'],
  ["import { goodEvidence } from './testing/evidence-fixture.ts';", 'imports checks/testing/evidence-fixture.ts'],
  ['const now = Date.now();', 'uses Date.now'],
  ["const home = process.env['HOME'];", 'uses process'],
])('would catch %s', (line, defect) => {
  expect(defectsOf(join(checksFolder, 'some-check.ts'), line, new Set())).toEqual([`checks/some-check.ts ${defect}`]);
});
