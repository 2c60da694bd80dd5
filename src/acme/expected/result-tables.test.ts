import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { caChecks } from '../catalogue/catalogue.ts';
import { compareVerdicts, expectedVerdicts, knownCas } from './expected-verdicts.ts';
import { resultTables, withTables } from './result-tables.ts';

describe.each(knownCas)('the expected verdicts of %s', (ca) => {
  const expected = expectedVerdicts(ca);

  test('are in docs/ca-results: node scripts/write-ca-results.ts', () => {
    const page = readFileSync(new URL(`../../../docs/ca-results/${ca}.md`, import.meta.url), 'utf8');
    expect(page).toBe(withTables(page, resultTables(expected)));
  });

  test('name checks and variants that exist, with a reason', () => {
    const ids = new Set(caChecks.map(({ id }) => id));
    const variants = new Set(expected.variants.map(({ name }) => name));
    for (const { checks, in: only = [], notIn = [], reason } of expected.verdicts) {
      expect(checks.filter((id) => !ids.has(id))).toEqual([]);
      expect([...only, ...notIn].filter((name) => !variants.has(name))).toEqual([]);
      expect(reason).not.toBe('');
    }
  });

  test.each(expected.variants)('have one verdict for each check in $name', ({ name }) => {
    const rows = expected.verdicts.filter(
      ({ in: only, notIn }) => (only === undefined || only.includes(name)) && notIn?.includes(name) !== true,
    );
    const ids = rows.flatMap(({ checks }) => checks);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test('a run with another verdict differs, unless chance decides', () => {
  const pebble = expectedVerdicts('pebble');
  const { expected } = compareVerdicts(pebble, 'standard', []);
  const results = expected.map((one) => {
    const [verdict = '', id = ''] = one.split(' ');
    return { id, verdict };
  });
  expect(compareVerdicts(pebble, 'standard', results).seen).toEqual(expected);
  const chance = { id: 'reused-authorization-makes-ready', verdict: 'skipped' };
  expect(compareVerdicts(pebble, 'standard', [...results, chance]).seen).toEqual(expected);
  const failed = { id: 'new-order', verdict: 'failed' };
  expect(compareVerdicts(pebble, 'standard', [...results, failed]).seen).toEqual([...expected, 'failed new-order']);
});

test('a verdict that comes rarely is no difference, and another of that check is one', () => {
  const pebble = expectedVerdicts('pebble');
  const variant = 'nonces-refused-at-random';
  const { expected } = compareVerdicts(pebble, variant, []);
  const results = expected.map((one) => {
    const [verdict = '', id = ''] = one.split(' ');
    return { id, verdict };
  });
  const id = 'bad-nonce-brings-a-good-one';
  expect(compareVerdicts(pebble, variant, [...results, { id, verdict: 'warned' }]).seen).toEqual(expected);
  expect(compareVerdicts(pebble, variant, [...results, { id, verdict: 'failed' }]).seen).toContain(`failed ${id}`);
});

test('a page without a place for a table is refused', () => {
  expect(() => withTables('# Results', resultTables(expectedVerdicts('pebble')))).toThrow("the table 'counts'");
});
