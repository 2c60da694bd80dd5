import { expect, test } from 'vitest';
import type { BrowserView } from '../../issuance/browser-view.ts';
import { exampleScenario } from '../testing/example-report.ts';
import { browserBlock } from './html-browser.ts';

const { browser } = exampleScenario();
const view: BrowserView = { ...(browser ?? expect.fail('the example has no browser')), screenshot: 'evidence/a.png' };

test('the picture is within the page, with a text alternative', () => {
  const page = String(browserBlock(view, new Map([['evidence/a.png', Buffer.from('PNG')]])));
  expect(page).toContain(
    '<img src="data:image/png;base64,UE5H" alt="Picture of https://a1b2.padlock.test/ in the browser',
  );
});

test('a missing picture is reported', () => {
  expect(String(browserBlock(view, new Map()))).toContain('was missing when this page was written');
  expect(String(browserBlock({ ...view, screenshot: null }, new Map()))).toContain('No picture was saved.');
});

test('the facts and the control', () => {
  const page = String(browserBlock(view, new Map()));
  expect(page).toContain('</svg>secure</span>');
  expect(page).toContain('<code>net::ERR_CERT_AUTHORITY_INVALID</code>');
  expect(page).toContain('2026-11-24 09:00:44 UTC');
  expect(String(browserBlock({ ...view, securityState: 'insecure', withoutRoot: null }, new Map()))).toMatch(
    /insecure<\/span>.*not tried/s,
  );
});
