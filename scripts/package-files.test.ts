import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.package.json'), 'utf8')) as { include: string[] };
const packaged = new Set(
  include.flatMap((pattern) => globSync(/\.ts$/.test(pattern) ? pattern : `${pattern}/**/*.ts`, { cwd: root })),
);

/** The programs that a module starts by their path, which no import brings into the package. */
function programsOf(file: string): readonly string[] {
  const calls = readFileSync(join(root, file), 'utf8').matchAll(/programFile\(import\.meta\.dirname, ([^)]*)\)/g);
  return [...calls].map(([, parts = '']) => {
    const names = [...parts.matchAll(/'([^']*)'/g)].map(([, name = '']) => name);
    return relative(root, join(root, dirname(file), `${names.join('/')}.ts`));
  });
}

test('every program that is started by its path is in the package', () => {
  const sources = globSync('src/**/*.ts', { cwd: root }).filter((file) => !/\.test\.ts$|-fixture\.ts$/.test(file));
  const programs = sources.flatMap(programsOf);
  expect(programs).toContain('src/evidence/probes/probe-agent.ts');
  expect(programs.filter((program) => !packaged.has(program))).toEqual([]);
});

test('every file of a folder that is read at run time is in the package', () => {
  const failures = globSync('suites/resilience/failures/*.ts', { cwd: root });
  expect(failures.length).toBeGreaterThan(30);
  expect(failures.filter((file) => !packaged.has(file))).toEqual([]);
});
