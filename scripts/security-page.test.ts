import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

test('each test that SECURITY.md names exists', () => {
  const named = [...readFileSync(join(root, 'SECURITY.md'), 'utf8').matchAll(/`((?:src|e2e)\/\S+\.test\.ts)`/g)];
  expect(named.length).toBeGreaterThan(15);
  expect(named.flatMap(([, file = '']) => (existsSync(join(root, file)) ? [] : [file]))).toEqual([]);
});

test('each line of its tables names a test', () => {
  const rows = readFileSync(join(root, 'SECURITY.md'), 'utf8').match(/^\| (?!Promise|---).*\|$/gm) ?? [];
  expect(rows.filter((row) => !row.includes('.test.ts'))).toEqual([]);
});
