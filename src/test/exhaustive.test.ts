import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exhaustiveVariables } from './exhaustive.ts';

const file = join(import.meta.dirname, 'exhaustive.ts');

function isExhaustiveWith(variables: NodeJS.ProcessEnv): string {
  const { PADLOCK_EXHAUSTIVE: _, ...rest } = process.env;
  const print = `import('${file}').then(({ isExhaustive }) => console.log(isExhaustive))`;
  return spawnSync(process.execPath, ['--eval', print], { encoding: 'utf8', env: { ...rest, ...variables } }).stdout;
}

test('a process that got the variables of --exhaustive runs the slow tests, and no other does', () => {
  expect(isExhaustiveWith(exhaustiveVariables)).toBe('true\n');
  expect(isExhaustiveWith({})).toBe('false\n');
});
