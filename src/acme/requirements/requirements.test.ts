import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { caChecks } from '../catalogue/catalogue.ts';
import { coverageMarkdown, requirements } from './requirements.ts';

test('every requirement has a check, or says why it has none', () => {
  expect(requirements.filter(({ checks, without }) => (checks.length === 0) === (without === null))).toEqual([]);
  expect(requirements.filter(({ without }) => without?.because === '')).toEqual([]);
});

test('every check judges a requirement, and only checks that exist do', () => {
  const judging = new Set(requirements.flatMap(({ checks }) => checks));
  const ids = new Set(caChecks.map(({ id }) => id));
  expect([...ids].filter((id) => !judging.has(id))).toEqual([]);
  expect([...judging].filter((id) => !ids.has(id))).toEqual([]);
});

test('docs/ca-coverage.md is up to date: node scripts/write-ca-coverage.ts', () => {
  const page = readFileSync(new URL('../../../docs/ca-coverage.md', import.meta.url), 'utf8');
  expect(page).toBe(coverageMarkdown());
});
