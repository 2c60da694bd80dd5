import { expect, test } from 'vitest';
import type { Report, ScenarioReport } from '../report.ts';
import { exampleFailedScenario, exampleReport, exampleScenario } from '../testing/example-report.ts';
import { hostileText, hugeText } from '../testing/hostile-text.ts';
import { reportHtml } from './html.ts';
import { styleSheetHash } from './html-style.ts';

const none: ReadonlyMap<string, Buffer> = new Map();
const passed = reportHtml(exampleReport(), none);
const failedReport = exampleReport({
  result: 'failed',
  scenarios: [
    exampleScenario(),
    exampleFailedScenario(),
    exampleFailedScenario({ id: 'second' }),
    exampleFailedScenario({ id: 'third' }),
  ],
});
const failed = reportHtml(failedReport, none);

const matches = (page: string, pattern: RegExp) => [...page.matchAll(pattern)].map(([all, group]) => group ?? all);

test('a complete document that says its language, its title and its size', () => {
  expect(passed).toMatch(/^<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">/);
  expect(passed).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
  expect(passed).toContain(
    '<title>Padlock passed: 1 scenario: 1 passed, 2026-11-24, cell padlock-1, Kubernetes v1.37.2, CA pebble v2.10.1</title>',
  );
  expect(passed.endsWith('</html>\n')).toBe(true);
});

test('the policy allows the one style sheet and pictures of the page, and nothing else', () => {
  const [policy] = matches(passed, /http-equiv="Content-Security-Policy" content="([^"]*)"/g);
  expect(policy).toBe(
    `default-src 'none'; style-src '${styleSheetHash}'; img-src data:; base-uri 'none'; form-action 'none'`,
  );
});

test.each([
  ['passed', passed],
  ['failed', failed],
])('%s: no script, no inline style, and nothing is loaded', (_, page) => {
  expect(page).not.toMatch(/<script|\son[a-z]+=|\sstyle=|<iframe|<object|<embed|<base|@import/i);
  expect(matches(page, /\ssrc="([^"]*)"/g).filter((source) => !source.startsWith('data:'))).toEqual([]);
  expect(matches(page, /<link[^>]*href="([^"]*)"/g).filter((source) => !source.startsWith('data:'))).toEqual([]);
  const links = matches(page, /<a [^>]*href="([^"]*)"/g);
  expect(links.filter((link) => !/^(?:#|report\.json$|summary\.md$|junit\.xml$)/.test(link))).toEqual([]);
});

test.each([
  ['passed', passed],
  ['failed', failed],
])('%s: ids are unique, and what refers to one finds it', (_, page) => {
  const ids = matches(page, /\sid="([^"]*)"/g);
  expect(new Set(ids).size).toBe(ids.length);
  const referred = [...matches(page, /href="#([^"]*)"/g), ...matches(page, /aria-labelledby="([^"]*)"/g)];
  expect(referred.filter((id) => !ids.includes(id))).toEqual([]);
});

test.each([
  ['passed', passed],
  ['failed', failed],
])('%s: every tag that is opened is closed in turn', (_, page) => {
  expect(unbalanced(page)).toEqual([]);
});

test('regions that scroll have names of their own and take the focus', () => {
  const regions = matches(failed, /<(?:div|pre)[^>]*role="region"[^>]*>/g);
  expect(regions.every((region) => region.includes('tabindex="0"'))).toBe(true);
  const names = regions.map((region) => /aria-label="([^"]*)"/.exec(region)?.[1]);
  expect(new Set(names).size).toBe(regions.length);
});

test('headings: one h1 with the result, an h2 for each scenario, and no level is left out', () => {
  expect(matches(failed, /<h1>([^<]*)/g)).toEqual(['Padlock: failed']);
  expect(matches(failed, /<h2 [^>]*>([^<]*)/g)).toEqual([
    'What failed',
    'Scenarios',
    'HTTP-01 over an Ingress of class istio',
    ...Array(3).fill('No IngressClass istio'),
    'Features',
    'Environment and versions',
    'Files of this report',
  ]);
  const levels = matches(failed, /<h([1-6])[ >]/g).map(Number);
  expect(levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1)).toBe(true);
});

test('the result first, then what failed with its remedy, then the scenarios, then the environment', () => {
  const order = [
    '<h1>',
    'id="failures"',
    'What to do:',
    '<nav',
    'id="scenario-http01-ingress"',
    'id="scenario-third"',
    'id="environment"',
    'id="files"',
  ];
  const places = order.map((text) => failed.indexOf(text));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('what failed is unfolded, what passed is folded unless it is all there is', () => {
  expect(matches(failed, /<details class="seen"( open)?>/g)).toHaveLength(4);
  expect(failed.match(/<details class="seen" open>/g)).toHaveLength(3);
  expect(passed).toContain('<details class="seen" open>');
});

test('the picture is within the page', () => {
  const { browser } = exampleScenario();
  const screenshot = 'evidence/http01-ingress.png';
  const scenario = exampleScenario({ browser: browser === null ? null : { ...browser, screenshot } });
  const page = reportHtml(exampleReport({ scenarios: [scenario] }), new Map([[screenshot, Buffer.from('PNG')]]));
  expect(page).toContain('src="data:image/png;base64,UE5H"');
});

test('a run whose environment failed', () => {
  const error = { message: 'The API server did not answer within 30 s.', lastSeen: 'ECONNREFUSED' };
  const page = reportHtml(exampleReport({ result: 'error', ca: null, scenarios: [], error }), none);
  expect(page).toContain('<h1>Padlock: error</h1>');
  expect(page.indexOf('The API server did not answer')).toBeLessThan(page.indexOf('<nav'));
  expect(unbalanced(page)).toEqual([]);
});

test('hostile text adds no tag and no attribute anywhere', () => {
  const page = reportHtml(hostileReport(hostileText), none);
  const harmless = reportHtml(hostileReport('text'), none);
  const shape = (source: string) => matches(source, /<[^>]*>/g).map((tag) => tag.replace(/"[^"]*"/g, '""'));
  expect(shape(page)).toEqual(shape(harmless));
  expect(unbalanced(page)).toEqual([]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
  expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028]/);
  expect(page.isWellFormed()).toBe(true);
});

test('huge text does not make the page huge', () => {
  expect(reportHtml(hostileReport(hugeText), none).length).toBeLessThan(1_500_000);
});

/** The text wherever a report holds text from elsewhere. */
function hostileReport(text: string): Report {
  const plain = exampleScenario();
  const scenario: ScenarioReport = exampleFailedScenario({
    title: text,
    why: text,
    expectation: text,
    host: text,
    settings: { [text]: text },
    phases: [{ name: 'total', durationMs: 1, note: text }],
    checks: [{ id: 'a', asserts: text, result: 'failed', message: text }],
    timeline: {
      clocks: [text],
      events: plain.timeline.events.map((event) => ({ ...event, title: text, detail: text })),
      gaps: plain.timeline.gaps.map((gap) => ({ ...gap, why: text })),
    },
    challengeRequests: plain.challengeRequests.map((request) => ({
      ...request,
      method: text,
      url: text,
      responseFlags: text,
      upstreamCluster: text,
      userAgent: text,
      pod: text,
    })),
    chain: plain.chain.map((certificate) => ({
      ...certificate,
      subject: text,
      issuer: `${text} `,
      dnsNames: [text],
      serialNumber: text,
      fingerprintSha256: text,
    })),
    browser:
      plain.browser === null
        ? null
        : {
            ...plain.browser,
            browser: text,
            url: text,
            securityState: text,
            protocol: text,
            issuer: text,
            subject: text,
            dnsNames: [text],
            withoutRoot: text,
          },
    diagnosis: { rule: 'unknown', verdict: text, evidence: [text], remedy: text, unseen: [text] },
    logs: [{ source: text, lines: [text] }],
    error: { message: text, lastSeen: text },
  });
  const { environment, ca } = exampleReport();
  return exampleReport({
    result: 'failed',
    padlock: { version: text },
    environment: {
      ...environment,
      name: text,
      os: text,
      kernel: text,
      arch: text,
      nodeVersion: text,
      kubernetesVersion: text,
    },
    ca: ca === null ? null : { directoryUrl: text, software: text, version: text, settings: { [text]: text } },
    components: [{ name: text, version: text, source: text, digest: null, note: text }],
    scenarios: [scenario],
    problems: [text],
    notUpstream: [text],
    error: { message: text, lastSeen: text },
  });
}

/** The tags that are not closed in turn. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const withoutStyle = page.replace(/<style>.*?<\/style>/s, '');
  for (const [tag, end, name = '', selfClosed] of withoutStyle.matchAll(
    /<(\/?)([a-z][a-z0-9]*)(?:"[^"]*"|[^">])*?(\/?)>/gi,
  )) {
    if (['meta', 'link', 'img', 'br', 'hr'].includes(name) || selfClosed === '/') continue;
    if (end === '') open.push(name);
    else if (open.pop() !== name) wrong.push(tag);
  }
  return [...wrong, ...open];
}
