import { expect, test } from 'vitest';
import { exampleScenario } from '../testing/example-report.ts';
import { chainDrawing } from './html-chain.ts';

const scenario = exampleScenario();
const page = String(chainDrawing(scenario));
const widths = (source: string) =>
  [...source.matchAll(/class="life" x="0" y="4" width="([\d.]+)%"/g)].map(([, width]) => Number(width));

test('leaf first, each with its role, subject, issuer and where it came from', () => {
  const links = page.split('<li class="').slice(1);
  expect(links.map((link) => link.slice(0, link.indexOf('"')))).toEqual(['leaf', 'intermediate', 'root']);
  expect(links[0]).toMatch(/no subject.*served by the gateway.*Issued by.*CN=Pebble Intermediate CA 5a1e/s);
  expect(links[2]).toMatch(/CN=Pebble Root CA 1c2d.*from the CA, not served.*Issued by<\/dt><dd>itself/s);
  expect(page).toContain(`<code>${'bb'.repeat(32)}</code>`);
});

test('the bars have one scale, on which the one that lives longer is longer', () => {
  const [leaf = 0, intermediate = 0, root = 0] = widths(page);
  expect(leaf).toBeGreaterThan(30);
  expect(intermediate).toBeGreaterThan(leaf);
  expect(root).toBeGreaterThan(intermediate);
  expect(root).toBeLessThanOrEqual(100);
});

test('lifetimes are also told in words and in UTC', () => {
  expect(page).toMatch(/for 90 days, .*2026-11-24 08:59:00 UTC.* to .*2027-02-22 09:00:43 UTC/);
  expect(page).toContain('for 10 years, ');
  expect(page).toContain('2026-11-24 09:00:44 UTC</time>. The scale');
});

test('a certificate that was not valid says so, and an expired one has no bar', () => {
  const [leaf = expect.fail()] = scenario.chain;
  const expired = String(chainDrawing({ ...scenario, chain: [{ ...leaf, notAfter: '2026-11-24T09:00:30.000Z' }] }));
  expect(expired).toContain('<strong>expired</strong>');
  expect(widths(expired)).toEqual([]);
  const early = String(chainDrawing({ ...scenario, chain: [{ ...leaf, notBefore: '2026-11-25T00:00:00.000Z' }] }));
  expect(early).toContain('<strong>not valid yet</strong>');
});

test('a missing certificate is reported', () => {
  expect(String(chainDrawing({ ...scenario, chain: [] }))).toContain('No certificate was served.');
});
