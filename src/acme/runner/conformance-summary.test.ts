import { expect, test } from 'vitest';
import { exampleCheck, exampleConformance } from '../testing/example-conformance.ts';
import { bySection, countsByLevel, summaryLine } from './conformance-summary.ts';

const conformance = exampleConformance({
  result: 'failed',
  checks: [
    exampleCheck({ id: 'a', section: '6.10' }),
    exampleCheck({ id: 'b', section: '6.2', verdict: 'failed' }),
    exampleCheck({ id: 'c', section: '6.2', verdict: 'skipped' }),
    exampleCheck({ id: 'd', section: '6.5.1', level: 'SHOULD', verdict: 'warned' }),
  ],
});

test('a line for a badge', () => {
  expect(summaryLine(conformance)).toBe('ACME standard: failed · MUST 1/2 · SHOULD 0/1 · 1 not judged');
  expect(countsByLevel(conformance)).toHaveLength(2);
});

test('sections come in their order', () => {
  expect(bySection(conformance.checks).map(([title]) => title)).toEqual([
    'RFC 8555 section 6.2',
    'RFC 8555 section 6.5.1',
    'RFC 8555 section 6.10',
  ]);
});
