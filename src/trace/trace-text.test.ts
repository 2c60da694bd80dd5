import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { traceText } from './trace-text.ts';

const stations = [
  { depth: 0, name: 'Certificate apps/cert', state: 'Ready False' },
  { depth: 1, name: 'Issuer apps/acme', state: 'Ready True' },
];

const text = (...parameters: Parameters<typeof traceText>) => stripVTControlCharacters(traceText(...parameters));

test('the way, then the verdict with what shows it, what to do, and what was not seen', () => {
  const diagnosis = {
    rule: 'no-route',
    verdict: 'It waits.',
    evidence: ['A 404.'],
    remedy: 'Wait.',
    unseen: ['No log.'],
  };
  expect(text(stations, diagnosis)).toBe(`Certificate apps/cert  Ready False
  Issuer apps/acme     Ready True

It waits.
  - A 404.
  Remedy: Wait.
  Not visible:
  - No log.
  (rule no-route)
`);
});

test('nothing to do and nothing unseen are left out', () => {
  const diagnosis = { rule: 'served', verdict: 'All is well.', evidence: [], remedy: null, unseen: [] };
  expect(text([], diagnosis)).toBe('\nAll is well.\n  (rule served)\n');
});

test('what a server said cannot steer the terminal', () => {
  const diagnosis = {
    rule: 'x',
    verdict: 'bad \u001b[2J\nline',
    evidence: ['\u001b]0;title\u0007'],
    remedy: null,
    unseen: [],
  };
  const hostile = traceText([{ depth: 0, name: 'a\u001b[1A', state: 'b\r' }], diagnosis);
  for (const sequence of ['\u001b[2J', '\u001b[1A', '\u001b]0', '\r']) expect(hostile).not.toContain(sequence);
});
