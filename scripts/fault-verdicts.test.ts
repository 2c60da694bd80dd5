import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { standaloneFaults } from '../faults/index.ts';
import { recordedVerdicts, verdictsMarkdown, verdictsPage } from './fault-verdicts.ts';

test('docs/fault-verdicts.md shows what was recorded', async () => {
  expect(await readFile(verdictsPage, 'utf8')).toBe(verdictsMarkdown(await recordedVerdicts()));
});

test('every recorded verdict is that of a fault, and of the rule that it expects', async () => {
  const expected = new Map(standaloneFaults.map(({ id, diagnosedAs }) => [id, diagnosedAs]));
  for (const [id, { first, second }] of Object.entries(await recordedVerdicts())) {
    expect([id, first, second]).toEqual([id, expected.get(id), expected.get(id)]);
  }
});

test('a verdict that differs from the expected one stands out', () => {
  const page = verdictsMarkdown({
    'issuer-missing': {
      first: 'issuer-missing',
      second: 'no-route',
      before: ['order-waits', 'no-route!'],
      namedAfterS: 5,
      curedAfterS: 9,
    },
  });
  expect(page).toContain(
    '| `issuer-missing` | issuer | `issuer-missing` | · | **no-route** | order-waits, **no-route** | 5 s | 9 s |',
  );
  expect(page).toContain('0 of ');
});
