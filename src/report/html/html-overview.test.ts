import { expect, test } from 'vitest';
import { exampleFailedScenario, exampleReport, exampleScenario } from '../testing/example-report.ts';
import { failureSummary, resultHeader, scenarioNavigation, skippedSummary } from './html-overview.ts';

test('the header has the result, the counts, the duration and where it ran', () => {
  const page = String(resultHeader(exampleReport({ shard: { index: 1, count: 4 } })));
  for (const text of [
    '<h1>Padlock: passed</h1>',
    '1 scenario: 1 passed',
    '2 checks: 2 passed',
    '1 min 02 s (up 14.8 s, run 24.4 s)',
    '2026-11-24 09:01:02 UTC',
    'cell padlock-1, Kubernetes v1.37.2, CA pebble v2.10.1',
    '1 of 4',
  ]) {
    expect(page).toContain(text);
  }
});

test('a failure is told by its verdict and what to do', () => {
  const page = String(failureSummary(exampleReport({ scenarios: [exampleScenario(), exampleFailedScenario()] })));
  expect(page.match(/<article/g)).toHaveLength(1);
  expect(page).toMatch(
    /href="#scenario-missing-ingress-class".*The Challenge waits for its self-check.*What to do:.*Create the IngressClass/s,
  );
  expect(page).not.toContain('order-completed');
});

test('a failure of one that is flaky says so', () => {
  const scenarios = [exampleFailedScenario({ repetitions: ['failed', 'passed'] })];
  expect(String(failureSummary(exampleReport({ scenarios })))).toContain(
    'Repeated; flaky: passed in 1 of 2 repetitions.',
  );
});

test('without a diagnosis, by what the scenario and its failed checks say', () => {
  const page = String(failureSummary(exampleReport({ scenarios: [exampleFailedScenario({ diagnosis: null })] })));
  expect(page).toMatch(/Gave up waiting.*<code>order-completed<\/code>: Challenge istio-system/s);
});

test('an environment that failed comes first', () => {
  const error = { message: 'The API server did not answer.', lastSeen: 'ECONNREFUSED' };
  const page = String(failureSummary(exampleReport({ error, scenarios: [exampleFailedScenario()] })));
  expect(page).toMatch(/The environment .*did not answer.*ECONNREFUSED.*No IngressClass istio/s);
});

test('without failed or skipped scenarios, nothing is reported', () => {
  expect(failureSummary(exampleReport())).toBeNull();
  expect(skippedSummary(exampleReport())).toBeNull();
});

test('skipped parts have a reason', () => {
  const check = {
    id: 'browser-shows-padlock',
    asserts: 'It shows.',
    result: 'skipped',
    message: 'No browser.',
  } as const;
  const page = String(
    skippedSummary(
      exampleReport({
        scenarios: [
          exampleScenario({ checks: [check] }),
          exampleScenario({ id: 'b', result: 'skipped', checks: [] }),
          exampleScenario({ id: 'c', result: 'skipped', checks: [], notApplicable: 'The CA has no profiles.' }),
        ],
      }),
    ),
  );
  expect(page).toContain('<code>browser-shows-padlock</code>: No browser.');
  expect(page).toContain('<a href="#scenario-b">HTTP-01 over an Ingress of class istio</a> was skipped');
  expect(page).toContain('istio</a> is not applicable, because: The CA has no profiles.');
});

test('the navigation leads to every scenario and says its result', () => {
  const page = String(scenarioNavigation(exampleReport({ scenarios: [exampleScenario(), exampleFailedScenario()] })));
  expect(page.match(/href="#scenario-[^"]*"/g)).toEqual([
    'href="#scenario-http01-ingress"',
    'href="#scenario-missing-ingress-class"',
  ]);
  expect(page).toMatch(/passed<\/span>.*failed<\/span>/s);
  expect(String(scenarioNavigation(exampleReport({ scenarios: [] })))).toContain('No scenario ran.');
});
