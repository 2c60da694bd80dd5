import { expect, test } from 'vitest';
import { caChecks } from '../catalogue/catalogue.ts';
import type { Exchange } from '../client/exchange.ts';
import { checksOfPatterns, clientsInWords, fieldIncompatibilities } from './field-incompatibilities.ts';

const exchange: Exchange = {
  method: 'POST',
  url: 'https://ca.test/order/1',
  contentType: 'application/jose+json',
  sent: null,
  status: 200,
  headers: { 'content-type': ['application/json'] },
  body: '{}',
  error: null,
};

function issuesOf(changes: Partial<Exchange>, id = 'new-order', verdict: 'passed' | 'failed' = 'passed') {
  const exchanges = [{ ...exchange, ...changes }];
  return fieldIncompatibilities([{ id, group: 20, verdict, exchanges }]).flatMap(({ issues }) => issues);
}

test('a correct answer has none', () => {
  expect(issuesOf({})).toEqual([]);
});

test.each<[Partial<Exchange>, readonly string[]]>([
  [{ headers: { 'retry-after': ['86400'] } }, ['cert-manager 5690']],
  [{ status: 429 }, ['cert-manager 5867']],
  [{ status: 403, headers: { 'content-type': ['text/html'] } }, ['cert-manager 5867', 'cert-manager 6106']],
  [{ body: '{"status": "pend' }, ['cert-manager 7152']],
  [{ status: 500, sent: { payload: '' } }, ['cert-manager 4533']],
  // A request that may be at fault itself.
  [{ status: 500, sent: { payload: { csr: 'garbage' } } }, []],
])('%j shows %j', (changes, issues) => {
  expect(issuesOf(changes)).toEqual(issues);
});

test.each([
  ['look-up-of-known-key', 'cert-manager 7388'],
  ['reading-a-challenge-starts-nothing', 'cert-manager 3777'],
  ['finalize-answer-has-location', 'golang/go 73504'],
  ['not-after-alone', 'cert-manager 3092'],
  ['name-in-common-name-only', 'cert-manager 7889'],
  ['order-becomes-ready', 'cert-manager 2868'],
  ['processing-says-when-to-come-back', 'cert-manager 5062'],
  ['finalize-of-valid-order', 'cert-manager 4441'],
  ['refused-csr-issues-nothing', 'cert-manager 7493'],
  ['chain-has-the-issuer', 'cert-manager 4096'],
])('%s that fails shows %s', (id, issue) => {
  expect(issuesOf({}, id, 'failed')).toContain(issue);
  expect(issuesOf({}, id, 'passed')).toEqual([]);
});

test('each is reported once, with the check that found it', () => {
  const busy = [{ ...exchange, status: 429 }];
  const checks = ['a', 'b'].map((id) => ({ id, group: 1, verdict: 'passed' as const, exchanges: busy }));
  expect(fieldIncompatibilities(checks).map(({ check }) => check)).toEqual(['a']);
});

test('patterns name existing checks', () => {
  const ids = new Set(caChecks.map(({ id }) => id));
  expect(checksOfPatterns.filter((id) => !ids.has(id))).toEqual([]);
});

test('renewal information may be read after hours', () => {
  expect(issuesOf({ method: 'GET', headers: { 'retry-after': ['21600'] } })).toEqual([]);
});

test('an incompatibility says what other clients do, where that could be staged', () => {
  const [met] = fieldIncompatibilities([
    { id: 'new-order', group: 20, verdict: 'passed', exchanges: [{ ...exchange, status: 429 }] },
  ]);
  expect(met?.clients.map(({ client }) => client)).toEqual(['lego', 'acmez', 'certbot']);
  expect(clientsInWords(met?.clients)).toMatch(/^In an ordinary issuance, lego \S.*, acmez \S.*, certbot \S.*\.$/);
  expect(clientsInWords([])).toBe('');
});
