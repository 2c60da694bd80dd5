import { expect, test } from 'vitest';
import { conformanceSummary, parseConformanceReport, testResult } from './conformance-result.ts';

test.each([
  ['--- PASS: TestConformance (58.01s)', { name: 'TestConformance', result: 'passed', depth: 0 }],
  [
    '    --- FAIL: TestConformance/HTTPRouteMatching (1.02s)',
    { name: 'TestConformance/HTTPRouteMatching', result: 'failed', depth: 1 },
  ],
  [
    '        --- SKIP: TestConformance/HTTPRouteMatching/2_request_to_"/v2"_with_slashes (0.00s)',
    {
      name: 'TestConformance/HTTPRouteMatching/2_request_to_"/v2"_with_slashes',
      result: 'skipped',
      depth: 3,
    },
  ],
])('reads %s', (line, result) => {
  expect(testResult(line)).toEqual(result);
});

test.each(['=== RUN   TestConformance', '    suite.go:443: --- PASS', 'PASS', ''])('reads no result in %j', (line) => {
  expect(testResult(line)).toBeNull();
});

const yaml = `apiVersion: gateway.networking.k8s.io/v1
date: "2026-11-24T12:00:00Z"
gatewayAPIChannel: standard
gatewayAPIVersion: v1.6.3
implementation:
  contact: [none]
  organization: istio
  project: istio
  url: https://example.test
  version: 1.31-dev
kind: ConformanceReport
mode: padlock-cell
profiles:
- core:
    failedTests: [HTTPRouteMatching]
    result: failure
    statistics: {Failed: 1, Passed: 32, Skipped: 2}
  name: GATEWAY-HTTP
  summary: Core tests failed.
`;

test("summarises upstream's report with what it does not hold", () => {
  const summary = conformanceSummary(parseConformanceReport(yaml), {
    environment: 'cell',
    kubernetesVersion: 'v1.37.2',
    suiteVersion: 'v1.6.3',
    counts: { passed: 188, failed: 1, skipped: 117 },
    upMs: 17_000,
    suiteMs: 58_040,
    notUpstream: ['The proxy is another one.'],
  });
  expect(summary).toContain('| implementation | istio 1.31-dev |');
  expect(summary).toContain('188 passed, 1 failed, 117 skipped');
  expect(summary).toContain('| suite | 58.0 s |');
  expect(summary).toContain('| GATEWAY-HTTP, core | failure | 32 | 1 | 2 |');
  expect(summary).toContain('- failed: HTTPRouteMatching');
  expect(summary).toContain('- The proxy is another one.');
});

test('states that the components of an existing cluster are unknown', () => {
  const summary = conformanceSummary(parseConformanceReport(yaml), {
    environment: 'existing',
    kubernetesVersion: 'v1.37.2',
    suiteVersion: 'v1.6.3',
    counts: { passed: 188, failed: 1, skipped: 117 },
    upMs: null,
    suiteMs: 58_040,
    notUpstream: null,
  });
  expect(summary).not.toContain('environment up');
  expect(summary).toContain('the origin of its components was not checked');
});

test('refuses what is no conformance report', () => {
  expect(() => parseConformanceReport('kind: Deployment')).toThrow();
});
