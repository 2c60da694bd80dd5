import { expect, test } from 'vitest';
import { exampleFailedScenario, exampleScenario } from '../testing/example-report.ts';
import { scenarioAnchor, scenarioSection } from './html-scenario.ts';

const none: ReadonlyMap<string, Buffer> = new Map();

test('title, result, why, id, host and expectation stand outside of what is folded', () => {
  const scenario = exampleScenario({
    expectation: 'It must not complete.',
    settings: { waitInsteadOfSelfCheck: '1s' },
  });
  const page = String(scenarioSection(scenario, none, false));
  const before = page.slice(0, page.indexOf('<details class="seen">'));
  expect(before).toContain('<h2 id="scenario-http01-ingress-title">HTTP-01 over an Ingress of class istio</h2>');
  for (const text of [
    'passed',
    'the gateway has no rule',
    '<code>http01-ingress</code>',
    '<code>a1b2.padlock.test</code>',
    'It must not complete.',
    'waitInsteadOfSelfCheck: 1s',
    '2026-11-24 09:00:20 UTC',
    '24.3 s',
  ]) {
    expect(before).toContain(text);
  }
});

test('what was seen, in the order of the story', () => {
  const page = String(scenarioSection(exampleFailedScenario(), none, true));
  expect(page).toContain('<details class="seen" open>');
  expect(page.match(/<h3>[^<]*/g)).toEqual(
    [
      'Diagnosis',
      'Checks',
      'The issuance',
      'Phases',
      'Requests for the challenge path',
      'The chain',
      'The browser',
      'Logs',
    ].map((title) => `<h3>${title}`),
  );
  expect(page).toContain('No browser was used.');
  expect(page).toContain('Certificate istio-system/certs: Ready=False (DoesNotExist)');
  expect(page).toMatch(
    /<pre class="log" role="region" aria-label="Log of cert-manager\/cert-manager-7f9 in missing-ingress-class" tabindex="0"><span>E1124/,
  );
});

test('the evidence is linked with its digest', () => {
  const scenario = exampleScenario({ evidence: 'evidence/http01-ingress.json', evidenceSha256: 'ab'.repeat(32) });
  expect(String(scenarioSection(scenario, none, false))).toContain(
    `<a href="evidence/http01-ingress.json">evidence/http01-ingress.json</a>, SHA-256 <code>${'ab'.repeat(32)}</code>`,
  );
  expect(String(scenarioSection(exampleScenario(), none, false))).toContain('none was recorded');
});

test('the anchor is the one of the section', () => {
  expect(String(scenarioSection(exampleScenario(), none, false))).toContain(`id="${scenarioAnchor('http01-ingress')}"`);
});
