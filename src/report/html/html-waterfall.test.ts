import { expect, test } from 'vitest';
import { exampleScenario } from '../testing/example-report.ts';
import { waterfall } from './html-waterfall.ts';

const page = String(waterfall(exampleScenario()));

test('a lane for each who took part, with its name', () => {
  expect(page.match(/<text class="lane-title"[^>]*>[^<]*/g)?.map((text) => text.replace(/.*>/, ''))).toEqual([
    'cert-manager',
    'Cluster',
    'Gateway',
    'CA',
    'Client',
  ]);
});

test('an event is a mark with its label, one that took time has a bar', () => {
  expect(page.match(/<circle class="moment"/g)).toHaveLength(10);
  expect(page.match(/<rect class="bar"/g)).toHaveLength(4);
  expect(page).toContain('>Secret written</text>');
});

test('a gap is a band with a number that the list below explains', () => {
  expect(page.match(/<rect class="gap"/g)).toHaveLength(1);
  expect(page).toContain('text-anchor="middle">1</text>');
  expect(page).toContain(
    '<li><strong>10.0 s</strong>, from 5.605 s on: cert-manager repeats a failed self-check after 10 s</li>',
  );
});

test('the drawing names itself, and all of its events are in the table', () => {
  expect(page).toMatch(
    /role="img" aria-labelledby="chart-http01-ingress">\s*<title id="chart-http01-ingress">Waterfall of 10 events in 25\.1 s with 1 explained wait; /,
  );
  expect(page).toContain('<details><summary>The same 10 events as a table</summary>');
  const rows = page.split('<tr>').slice(2);
  expect(rows).toHaveLength(10);
  expect(rows[5]).toMatch(/5\.600 s.*09:00:26\.000.*cert-manager.*Self-check: 404.*5 ms/s);
});

test('how the clocks relate, and the time in UTC', () => {
  expect(page).toContain('6 of 6 requests agree with an offset of 0 ms.');
  expect(page).toContain('2026-11-24 09:00:20 UTC</time> and covers 25.1 s.');
});

test('the absence of events is reported', () => {
  expect(String(waterfall(exampleScenario({ timeline: { clocks: [], events: [], gaps: [] } })))).toBe(
    '<p class="muted">The evidence shows no event of the issuance.</p>',
  );
});

test('without gaps there is no list of them', () => {
  const { timeline } = exampleScenario();
  expect(String(waterfall({ id: 'a', timeline: { ...timeline, gaps: [] } }))).not.toMatch(/Waits|gap-number/);
});
