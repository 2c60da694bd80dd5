import { expect, test } from 'vitest';
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
  expect(page.indexOf('Violations')).toBeLessThan(page.indexOf('RFC 8555 section 6.2</h2>'));
  expect(page).toContain('<a href="https://www.rfc-editor.org/rfc/rfc8555#section-6.2">RFC 8555 section 6.2</a>');
  expect(page).toContain('<a href="#exchange-1">1</a>');
  expect(page).toContain('<pre id="exchange-1">');
  expect(page.indexOf('RFC 8555 section 6.2</h2>')).toBeLessThan(page.indexOf('RFC 8555 section 6.5</h2>'));
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
  const places = ['RFC 8555 section 7.4</h2>', 'RFC 8737 section 3</h2>', 'RFC 1034 section 3.6</h2>'].map((one) =>
    page.indexOf(one),
  );
  expect(places).toEqual(places.toSorted((one, other) => one - other));
});

test('what a CA leaves unanswered in the clean-up is listed', () => {
  const { cleanUp } = exampleConformance();
  const left = ['The account https://ca.test/account/1 was not deactivated: 500.'];
  expect(conformanceHtml(exampleConformance({ cleanUp: { ...cleanUp, left } }))).toContain(left[0]);
});
