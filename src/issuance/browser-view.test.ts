import { beforeEach, expect, test } from 'vitest';
import { forgetProbe, goodEvidence, host, recordedBrowserProbe, shown } from '../checks/testing/evidence-fixture.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { reportSchema } from '../report/report.ts';
import { browserViewOf } from './browser-view.ts';

let evidence: Evidence;

beforeEach(async () => {
  evidence = await goodEvidence();
});

test("what the browser showed, and what it gave without the CA's root", () => {
  const view = browserViewOf(evidence);
  expect(view).toEqual({
    browser: 'Chromium 156.0.8078.79',
    url: `https://${host}/`,
    securityState: 'secure',
    protocol: 'TLS 1.3',
    issuer: 'Pebble Intermediate CA 51b0d2',
    subject: '',
    dnsNames: [host],
    validFrom: '2026-11-24T09:00:24.000Z',
    validTo: '2027-02-22T09:00:23.000Z',
    withoutRoot: 'ERR_CERT_AUTHORITY_INVALID',
    screenshot: null,
    screenshotSha256: '9b'.repeat(32),
  });
  expect(reportSchema.shape.scenarios.element.shape.browser.safeParse(view).error).toBeUndefined();
});

test('nothing if the browser that trusts the root showed no page, could not be started or was not used', () => {
  recordedBrowserProbe(evidence, 'browser-trusted').outcome = { error: 'net::ERR_TIMED_OUT', code: 'ERR_TIMED_OUT' };
  expect(browserViewOf(evidence)).toBeNull();
  recordedBrowserProbe(evidence, 'browser-trusted').outcome = { unavailable: 'No Chromium was found.' };
  expect(browserViewOf(evidence)).toBeNull();
  forgetProbe(evidence, 'browser-trusted');
  expect(browserViewOf(evidence)).toBeNull();
});

test.each([
  ['the page came all the same', { securityState: 'secure' as const }, 'the page, secure'],
  ['an error without a code', { error: 'no page within 10 s', code: null }, 'no page within 10 s'],
  ['no browser', { unavailable: 'No Chromium was found.' }, null],
])('the control: %s', (_, outcome, withoutRoot) => {
  const page = shown(recordedBrowserProbe(evidence, 'browser-trusted'));
  recordedBrowserProbe(evidence, 'browser-control').outcome =
    'securityState' in outcome ? { ...page, ...outcome } : outcome;
  expect(browserViewOf(evidence)?.withoutRoot).toBe(withoutRoot);
});

test('no control, no name of the browser, and no certificate that it told of', () => {
  forgetProbe(evidence, 'browser-control');
  const trusted = recordedBrowserProbe(evidence, 'browser-trusted');
  trusted.browser = null;
  shown(trusted).chain = [];
  shown(trusted).screenshotSha256 = null;
  expect(browserViewOf(evidence)).toMatchObject({
    browser: 'unknown',
    dnsNames: [],
    withoutRoot: null,
    screenshotSha256: null,
  });
});

test('of several looks the last counts', () => {
  const again = structuredClone(recordedBrowserProbe(evidence, 'browser-trusted'));
  shown(again).securityState = 'insecure';
  evidence.probes.push(again);
  expect(browserViewOf(evidence)?.securityState).toBe('insecure');
});
