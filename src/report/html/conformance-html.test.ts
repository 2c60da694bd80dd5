import { expect, test } from 'vitest';
import type { Expectation } from '../../acme/runner/expectations.ts';
import { exampleCheck, exampleConformance, exampleExchange } from '../../acme/testing/example-conformance.ts';
import { conformanceHtml } from './conformance-html.ts';

const hostile = '<img src=x onerror=alert(1)>';

test('what is not kept comes before the sections, and every exchange is there', () => {
  const page = conformanceHtml(
    exampleConformance({
      result: 'failed',
      checks: [
        exampleCheck(),
        exampleCheck({ id: 'alg-none', section: '6.2', verdict: 'failed', message: 'It was taken.' }),
      ],
    }),
  );
  expect(page.indexOf('Violations')).toBeLessThan(page.indexOf('RFC 8555 section 6.2</h3>'));
  expect(page).toContain('<a href="https://www.rfc-editor.org/rfc/rfc8555#section-6.2">RFC 8555 section 6.2</a>');
  expect(page).toContain('<a href="#exchange-1">1</a>');
  expect(page).toContain('<pre id="exchange-1">');
  expect(page.indexOf('RFC 8555 section 6.2</h3>')).toBeLessThan(page.indexOf('RFC 8555 section 6.5</h3>'));
  expect(page).toContain('ACME standard: failed · MUST 1/2');
  expect(page).toContain('POST https://ca.test/new-account');
});

test('what a CA says is text, and the page needs nothing from anywhere', () => {
  const page = conformanceHtml(
    exampleConformance({
      problems: [hostile],
      server: { meta: { website: hostile }, software: hostile, clockOffsetSeconds: 0, serverErrors: 0 },
      checks: [exampleCheck({ message: hostile })],
      exchanges: [{ ...exampleExchange, body: hostile }],
      incompatibilities: [{ issues: ['cert-manager 1'], pattern: hostile, certManager: hostile, check: 'a' }],
    }),
  );
  expect(page).not.toContain('<img');
  expect(page).not.toMatch(/<script|<link rel="stylesheet"/);
  expect(page).toContain("default-src 'none'");
});

test('an early end and the parts that were not tested are reported', () => {
  const page = conformanceHtml(
    exampleConformance({
      result: 'error',
      error: 'The CA is busy.',
      groups: [{ number: 43, title: 'Rate limits', state: 'partly', missing: 'no check provokes a rate limit' }],
    }),
  );
  expect(page).toContain('The CA is busy.');
  expect(page).toContain('43. Rate limits: no check provokes a rate limit');
});

test('a section of an unrelated RFC does not come first', () => {
  const page = conformanceHtml(
    exampleConformance({
      checks: [
        exampleCheck({ id: 'a', rfc: 1034, section: '3.6' }),
        exampleCheck({ id: 'b', rfc: 8555, section: '7.4' }),
        exampleCheck({ id: 'c', rfc: 8737, section: '3' }),
      ],
    }),
  );
  const places = ['RFC 8555 section 7.4</h3>', 'RFC 8737 section 3</h3>', 'RFC 1034 section 3.6</h3>'].map((one) =>
    page.indexOf(one),
  );
  expect(places).toEqual(places.toSorted((one, other) => one - other));
});

test('what a CA leaves unanswered in the clean-up is listed', () => {
  const { cleanUp } = exampleConformance();
  const left = ['The account https://ca.test/account/1 was not deactivated: 500.'];
  expect(conformanceHtml(exampleConformance({ cleanUp: { ...cleanUp, left } }))).toContain(left[0]);
});

test('who makes the CA, what is expected, and the features come before the sections', () => {
  const known: Expectation = {
    ...{ check: 'alg-none', verdict: 'failed', reason: 'old library', issue: 'ISSUE-7', expires: '2027-03-31' },
    sometimes: false,
  };
  const change = { check: 'b', expected: 'passed', seen: 'failed', message: 'It was taken.' } as const;
  const implementation = {
    ...{ organization: 'Example Trust', project: 'Example CA', url: 'https://ca.test', version: '4.2' },
    contact: [hostile],
  };
  const page = conformanceHtml(
    exampleConformance({
      checks: [exampleCheck({ id: 'alg-none', verdict: 'failed' }), exampleCheck({ id: 'b', verdict: 'failed' })],
      declaration: { implementation, mode: 'default', features: [] },
      features: [{ name: 'caa', title: 'CAA.', claimed: false, passed: 0, failed: 0, warned: 0, skipped: 3 }],
      gate: { result: 'changed', changes: [change], known: [known], notJudged: [] },
    }),
  );
  expect(page).toContain('Example CA 4.2 of Example Trust (https://ca.test)');
  expect(page).toContain('no: 1 verdict not as expected, 1 known deviation');
  expect(page).toContain('b is new and failed: It was taken.');
  expect(page).toContain('Known until 2027-03-31: old library (ISSUE-7)');
  expect(page.indexOf('By feature')).toBeLessThan(page.indexOf('Every check, by section'));
  expect(page).not.toContain('<img');
});

test('long exchanges are folded together, and a link to one opens it', () => {
  const exchanges = Array.from({ length: 120 }, (_, index) => ({ ...exampleExchange, number: index + 1 }));
  const page = conformanceHtml(exampleConformance({ exchanges }));
  expect(page).toContain('<summary>Exchanges 101 to 120</summary>');
  expect(page).toContain('<pre id="exchange-120">');
});
