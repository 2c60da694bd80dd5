import { describe, expect, test } from 'vitest';
import type { AccessLogEntry, Evidence, SolverRequest } from '../../evidence/evidence.ts';
import { findIssuance } from '../../issuance/issuance.ts';
import { goodPathChecks } from '../all-checks.ts';
import {
  after,
  caAgent,
  forget,
  forgetProbe,
  goodEvidence,
  host,
  issuerAppliedAfter,
  logEntry,
  put,
  recorded,
  recordedHttpProbe,
  secondHost,
  selfCheckAgent,
} from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { challengeRoutedThroughGateway } from './challenge-routed-through-gateway.ts';

const path = '/.well-known/acme-challenge/token-0-Xp2LbQ0f6mJtVw';
const cluster = 'outbound|8089||cm-acme-http-solver-v7mt0.istio-system.svc.cluster.local';

function changeCaRequests(change: Partial<AccessLogEntry>): (evidence: Evidence) => void {
  return ({ accessLog }) => {
    for (const entry of accessLog) if (entry.userAgent === caAgent) Object.assign(entry, change);
  };
}

function changeProbe(change: (probe: ReturnType<typeof recordedHttpProbe>) => void): (evidence: Evidence) => void {
  return (evidence) => change(recordedHttpProbe(evidence, 'challenge-path-before'));
}

describeCheck(challengeRoutedThroughGateway, goodEvidence, goodPathChecks, [
  {
    name: 'the access log has nothing for the path',
    mutate: (evidence) => {
      evidence.accessLog = evidence.accessLog.filter((entry) => entry.path !== path);
    },
    says: [path, cluster, 'it has no request for that path'],
  },
  {
    name: "only cert-manager's self-check came through",
    mutate: (evidence) => {
      evidence.accessLog = evidence.accessLog.filter((entry) => entry.userAgent !== caAgent);
    },
    says: ['no request of the CA, only', selfCheckAgent],
  },
  {
    name: "a self-check whose user agent has the CA's words",
    mutate: changeCaRequests({ userAgent: `${selfCheckAgent} ${caAgent}` }),
    says: ['no request of the CA, only'],
  },
  {
    name: 'the request has no user agent',
    mutate: changeCaRequests({ userAgent: null }),
    says: ['no request of the CA, only'],
  },
  {
    name: 'the token is of another Challenge',
    mutate: changeCaRequests({ path: '/.well-known/acme-challenge/another-token' }),
    says: ['no request of the CA, only'],
  },
  {
    name: 'the path only begins with the token',
    mutate: changeCaRequests({ path: `${path}/more` }),
    says: ['no request of the CA, only'],
  },
  {
    name: 'the request was for another host',
    mutate: changeCaRequests({ authority: 'other.example.test' }),
    says: [`for ${host}${path}`],
  },
  {
    name: 'the gateway answered 404',
    mutate: changeCaRequests({ status: 404 }),
    says: [`but it has ${after(24.2)}`, `: 404 from ${cluster}`],
  },
  {
    name: 'the gateway led it to the application',
    mutate: changeCaRequests({ upstreamCluster: 'outbound|8000||httpbin.default.svc.cluster.local' }),
    says: ['200 from outbound|8000||httpbin.default.svc.cluster.local'],
  },
  {
    name: 'the gateway led it to a solver Service that was not recorded',
    mutate: changeCaRequests({
      upstreamCluster: 'outbound|8089||cm-acme-http-solver-other.istio-system.svc.cluster.local',
    }),
    says: ['200 from outbound|8089||cm-acme-http-solver-other'],
  },
  {
    name: 'the gateway led it to the recorded Service on another port',
    mutate: changeCaRequests({ upstreamCluster: cluster.replace('8089', '8090') }),
    says: ['200 from outbound|8090||'],
  },
  {
    name: 'the gateway led it nowhere',
    mutate: changeCaRequests({
      upstreamCluster: null,
      status: 404,
      responseFlags: 'NR',
      responseCodeDetails: 'route_not_found',
    }),
    says: ['404 from no upstream (NR route_not_found)'],
  },
  {
    name: 'it came through another gateway',
    mutate: changeCaRequests({ pod: 'istio-system/other-gateway-6d9f8c7b54-x2x7q' }),
    says: ['through istio-system/istio-ingressgateway'],
  },
  {
    name: 'every request came through another gateway',
    mutate: (evidence) => {
      for (const entry of evidence.accessLog) {
        if (entry.path === path) entry.pod = 'istio-system/other-gateway-6d9f8c7b54-x2x7q';
      }
    },
    says: [`but it has ${after(24.2)}`, 'through istio-system/other-gateway-6d9f8c7b54-x2x7q'],
  },
  {
    name: 'the Challenge has no token',
    mutate: (evidence) => put(recorded(evidence, 'Challenge'), ['spec', 'token'], undefined),
    says: ['was recorded without spec.token'],
  },
  {
    name: 'the Challenge is for another host',
    mutate: (evidence) => put(recorded(evidence, 'Challenge'), ['spec', 'dnsName'], secondHost),
    says: [`No Challenge for ${host} was recorded`, secondHost],
  },
  {
    name: 'no solver Service was recorded',
    mutate: (evidence) => forget(evidence, 'Service'),
    says: ['No solver Service of Challenge istio-system/'],
    alsoRed: ['solver-left-nothing'],
  },
  {
    name: 'the user agent of the CA is unknown, and only cert-manager and people asked',
    mutate: (evidence) => {
      evidence.accessLog = evidence.accessLog.map((entry) => ({
        ...entry,
        userAgent: entry.userAgent?.includes(evidence.ca.userAgent) ? 'curl/8.5.0' : entry.userAgent,
      }));
      evidence.ca.userAgent = '';
    },
    says: ['a client that is not cert-manager'],
  },
  {
    name: 'no action applied the Issuer',
    mutate: (evidence) => {
      evidence.actions = evidence.actions.filter(({ detail }) => !detail.startsWith('Issuer/'));
    },
    says: ['no action "apply" of an Issuer'],
  },
  {
    name: 'no probe from before the Issuer',
    mutate: (evidence) => forgetProbe(evidence, 'challenge-path-before'),
    says: ['no HTTP probe "challenge-path-before"'],
  },
  {
    name: 'the probe came after the Issuer',
    mutate: changeProbe((probe) => {
      probe.at = after(issuerAppliedAfter + 1);
    }),
    says: [`not before the Issuer was applied (${after(issuerAppliedAfter)})`],
  },
  {
    name: 'the probe asked another path',
    mutate: changeProbe((probe) => {
      probe.url = `http://${host}/get`;
    }),
    says: [`did not request a path below ${host}/.well-known/acme-challenge/`],
  },
  {
    name: 'the probe asked another host',
    mutate: changeProbe((probe) => {
      probe.url = 'http://other.example.test/.well-known/acme-challenge/padlock-probe';
    }),
    says: ['did not request a path below'],
  },
  {
    name: 'the probe got no answer',
    mutate: changeProbe((probe) => {
      probe.outcome = { error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };
    }),
    says: ['ended in connect ECONNREFUSED (ECONNREFUSED)'],
  },
  {
    name: 'the probe was answered 200 by something else',
    mutate: (evidence) => {
      changeProbe((probe) => {
        if ('status' in probe.outcome) probe.outcome.status = 200;
      })(evidence);
      for (const entry of evidence.accessLog) {
        if (entry.path.endsWith('/padlock-probe'))
          entry.upstreamCluster = 'outbound|80||other.default.svc.cluster.local';
      }
    },
    says: ['it was answered 200', 'outbound|80||other.default.svc.cluster.local'],
  },
  {
    name: 'the probe was answered 200 and the access log does not say by whom',
    mutate: (evidence) => {
      changeProbe((probe) => {
        if ('status' in probe.outcome) probe.outcome.status = 200;
      })(evidence);
      evidence.accessLog = evidence.accessLog.filter((entry) => !entry.path.endsWith('/padlock-probe'));
      evidence.accessLog.unshift(logEntry(0.5, { path: '/get' }));
    },
    says: ['it was answered 200, and the access log does not show by whom'],
  },
  {
    name: 'the gateway led to a solver before the Issuer',
    mutate: (evidence) => {
      evidence.accessLog.unshift(logEntry(0.5, { path, upstreamCluster: cluster }));
    },
    says: ['Before the Issuer was applied', 'already routed requests to a solver'],
  },
]);

test('takes any answer of the application from before the Issuer', async () => {
  const evidence = await goodEvidence();
  const { outcome } = recordedHttpProbe(evidence, 'challenge-path-before');
  if ('status' in outcome) outcome.status = 200;
  expect(verdictOf(challengeRoutedThroughGateway, evidence).result).toBe('passed');
});

test('judges the HTTPRoute solver alike', async () => {
  const evidence = await goodEvidence({ solver: 'gateway-httproute' });
  expect(verdictOf(challengeRoutedThroughGateway, evidence).result).toBe('passed');
});

test('asks for the request of every Challenge, each for its own host', async () => {
  const evidence = await goodEvidence({ hosts: [host, secondHost] });
  expect(verdictOf(challengeRoutedThroughGateway, evidence).result).toBe('passed');
  evidence.accessLog = evidence.accessLog.filter(
    (entry) => entry.authority !== secondHost || entry.userAgent !== caAgent,
  );
  const verdict = verdictOf(challengeRoutedThroughGateway, evidence);
  expect(verdict.result).toBe('failed');
  expect(verdict.message).toContain(`for ${secondHost}/.well-known/acme-challenge/token-1`);
  expect(verdict.message).not.toContain(`for ${host}/`);
});

test('accepts a redirect to https before the Issuer only if the scenario expects it', async () => {
  const evidence = await goodEvidence();
  const { outcome } = recordedHttpProbe(evidence, 'challenge-path-before');
  if ('status' in outcome) Object.assign(outcome, { status: 301, headers: { location: `https://${host}/` } });
  for (const entry of evidence.accessLog)
    if (entry.path.endsWith('/padlock-probe')) Object.assign(entry, { status: 301, upstreamCluster: null });
  expect(challengeRoutedThroughGateway.judge(evidence, findIssuance(evidence))).toMatchObject({
    result: 'failed',
    message: expect.stringContaining('it was answered 301'),
  });
  evidence.subject.expects = { http: 'redirect' };
  expect(challengeRoutedThroughGateway.judge(evidence, findIssuance(evidence)).result).toBe('passed');
  if ('status' in outcome) outcome.headers = { location: 'https://other.example.test/' };
  expect(challengeRoutedThroughGateway.judge(evidence, findIssuance(evidence)).result).toBe('failed');
});

test('tells the CA from cert-manager by elimination if its user agent is unknown', async () => {
  const evidence = await goodEvidence();
  evidence.ca.userAgent = '';
  expect(verdictOf(challengeRoutedThroughGateway, evidence).result).toBe('passed');
});

test('accepts a host with a port in the access log', async () => {
  const evidence = await goodEvidence();
  evidence.accessLog = evidence.accessLog.map((entry) => ({ ...entry, authority: `${entry.authority}:8080` }));
  expect(verdictOf(challengeRoutedThroughGateway, evidence).result).toBe('passed');
});

test.each([
  ['off', /^Not seen: .*\(it is off\)\. Set meshConfig\.accessLogFile to \/dev\/stdout/],
  ['elsewhere', /Telemetry with the provider envoy/],
  ['unreadable', /--access-log-format/],
] as const)('is skipped with what to switch on if the access log is %s', async (reason, says) => {
  const evidence = await goodEvidence();
  evidence.accessLog = [];
  evidence.accessLogMissing = { reason, detail: `it is ${reason}` };
  const verdict = verdictOf(challengeRoutedThroughGateway, evidence);
  expect(verdict.result).toBe('skipped');
  expect(verdict.message).toMatch(says);
});

describe("by the solver's own log where the access log cannot be had", () => {
  const seen = { at: after(issuerAppliedAfter + 1_000), pod: 'istio-system/cm-acme-http-solver-v7mt0', host, path };
  const proof: SolverRequest = { ...seen, userAgent: caAgent, throughEnvoy: true };
  const judged = async (...solverRequests: SolverRequest[]) => {
    const evidence = await goodEvidence();
    evidence.accessLog = [];
    evidence.accessLogMissing = { reason: 'off', detail: 'it is off' };
    evidence.solverRequests = solverRequests;
    return verdictOf(challengeRoutedThroughGateway, evidence);
  };

  test("passes with the CA's request for the token, through an Envoy", async () => {
    const { result, message } = await judged(proof);
    expect(result).toBe('passed');
    expect(message).toMatch(/access log was not seen \(it is off\).*through an Envoy.*by the log of Pod istio-system/);
  });

  test.each([
    ["of cert-manager's self-check", { userAgent: selfCheckAgent }],
    ['that came past the gateway', { throughEnvoy: false }],
    ['for another token', { path: `${path}x` }],
    ['for another host', { host: secondHost }],
    ['without a user agent', { userAgent: null }],
  ])('is not seen with a request %s alone', async (_, change) => {
    expect((await judged({ ...proof, ...change })).result).toBe('skipped');
  });
});
