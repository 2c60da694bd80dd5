import { expect, test } from 'vitest';
import { exampleCheck, exampleConformance } from '../../acme/testing/example-conformance.ts';
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
  expect(page.indexOf('RFC 8555 section 6.2</h2>')).toBeLessThan(page.indexOf('RFC 8555 section 6.5</h2>'));
  expect(page).toContain('ACME standard: failed · MUST 1/2');
  expect(page).toContain('POST https://ca.test/new-account');
  expect(page).toContain('1 exchange<');
});

test('what a CA says is text, and the page needs nothing from anywhere', () => {
  const [exchange] = exampleCheck().exchanges;
  const page = conformanceHtml(
    exampleConformance({
      problems: [hostile],
      server: { meta: { website: hostile }, software: hostile },
      checks: [exampleCheck({ message: hostile, exchanges: exchange ? [{ ...exchange, body: hostile }] : [] })],
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
