import { describe, expect, test } from 'vitest';
import { githubAnnotations, wantsGithubAnnotations } from './github-annotations.ts';
import type { CheckReport, Report } from './report.ts';
import { exampleFailedScenario, exampleReport, exampleScenario } from './testing/example-report.ts';
import { hostileText, hugeText } from './testing/hostile-text.ts';

function withChecks(count: number, result: CheckReport['result'], message = 'It is not so.'): Report {
  const checks = Array.from({ length: count }, (_, index) => ({
    id: `check-${index}`,
    asserts: 'So.',
    result,
    message,
  }));
  return exampleReport({
    result: result === 'failed' ? 'failed' : 'partial',
    scenarios: [exampleScenario({ result: result === 'failed' ? 'failed' : 'skipped', checks })],
  });
}

test('a passed run has none', () => {
  expect(githubAnnotations(exampleReport())).toEqual([]);
});

test('a scenario that failed is told by its diagnosis first, then by its checks', () => {
  const annotations = githubAnnotations(exampleReport({ result: 'failed', scenarios: [exampleFailedScenario()] }));
  expect(annotations).toEqual([
    "::error title=Padlock%3A missing-ingress-class::The Challenge waits for its self-check: the gateway has no route for the challenge path because no IngressClass 'istio' exists. Create the IngressClass 'istio', or set spec.acme.solvers[].http01.ingress.class.%0AGave up waiting for Certificate istio-system/certs to be Ready after 90 s; last seen: Certificate istio-system/certs: Ready=False (DoesNotExist)",
    expect.stringMatching(
      /^::error title=Padlock%3A missing-ingress-class order-completed::Challenge istio-system\/certs-1 /,
    ),
  ]);
});

test('an environment that failed is an error, and that nothing ran a warning', () => {
  const report = exampleReport({ result: 'error', scenarios: [], error: { message: 'etcd ended.' } });
  expect(githubAnnotations(report)).toEqual([
    '::error title=Padlock%3A the environment failed::etcd ended.',
    '::warning title=Padlock%3A partial::No scenario ran.',
  ]);
});

test('what was skipped is a warning', () => {
  expect(githubAnnotations(withChecks(1, 'skipped', 'There is no browser.'))).toEqual([
    '::warning title=Padlock%3A http01-ingress check-0 was skipped::There is no browser.',
  ]);
  const notRun = exampleReport({ result: 'partial', scenarios: [exampleScenario({ result: 'skipped', checks: [] })] });
  expect(githubAnnotations(notRun)).toEqual(['::warning title=Padlock%3A http01-ingress::The scenario did not run.']);
});

describe('of more than GitHub shows, the tenth says how many more', () => {
  test.each([
    [10, null],
    [11, 2],
    [100, 91],
  ])('%i failures', (count, more) => {
    const annotations = githubAnnotations(withChecks(count, 'failed'));
    expect(annotations).toHaveLength(10);
    expect(annotations[9]).toBe(
      more === null
        ? '::error title=Padlock%3A http01-ingress check-9::It is not so.'
        : `::error title=Padlock%3A ${more} more failures::There are ${more} more failures; the step's summary lists all of them.`,
    );
  });
});

test('hostile text cannot become a command of its own', () => {
  const text = `100% sure: yes, no\r\n::error::forged\n${hostileText}`;
  const annotations = githubAnnotations(withChecks(1, 'failed', text));
  expect(annotations).toHaveLength(1);
  expect(annotations[0]).not.toMatch(/[\r\n]/);
  expect(annotations[0]).toContain('::100%25 sure: yes, no%0A::error::forged%0A');
});

test('a huge message is cut', () => {
  expect(githubAnnotations(withChecks(1, 'failed', hugeText))[0]?.length).toBeLessThan(10_000);
});

test.each([
  [{ GITHUB_ACTIONS: 'true' }, true],
  [{ GITHUB_ACTIONS: 'false' }, false],
  [{ CI: 'true' }, false],
])('%j decides whether they are wanted: %s', (variables, wanted) => {
  expect(wantsGithubAnnotations(variables)).toBe(wanted);
});
