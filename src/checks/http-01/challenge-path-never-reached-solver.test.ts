import { expect, test } from 'vitest';
import { goodPathChecks, missingIngressClassChecks } from '../all-checks.ts';
import {
  after,
  applicationCluster,
  goodEvidence,
  host,
  logEntry,
  missingIngressClassEvidence,
  put,
  recorded,
} from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { challengePathNeverReachedSolver } from './challenge-path-never-reached-solver.ts';

const path = '/.well-known/acme-challenge/token-0-Xp2LbQ0f6mJtVw';
const solverCluster = 'outbound|8089||cm-acme-http-solver-v7mt0.istio-system.svc.cluster.local';

describeCheck(
  challengePathNeverReachedSolver,
  missingIngressClassEvidence,
  [...goodPathChecks, ...missingIngressClassChecks],
  [
    {
      name: 'a request came to the solver before the class',
      mutate: (evidence) => {
        evidence.accessLog.push(logEntry(8, { path, upstreamCluster: solverCluster }));
      },
      says: ['No request should have reached a solver', `${after(8)} GET ${host}${path}`],
    },
    {
      name: 'a request came to the solver before the class, through another gateway and another path',
      mutate: (evidence) => {
        evidence.accessLog.push(logEntry(8, { pod: 'other/gateway-abc-xyz', upstreamCluster: solverCluster }));
      },
      says: ['No request should have reached a solver', 'other/gateway-abc-xyz'],
    },
    {
      name: 'the application answered 200',
      mutate: (evidence) => {
        evidence.accessLog.push(logEntry(8, { path }));
      },
      says: [`routed to the application's 404 (${applicationCluster})`, `200 from ${applicationCluster}`],
    },
    {
      name: 'another Service answered',
      mutate: (evidence) => {
        const upstreamCluster = 'outbound|80||other.default.svc.cluster.local';
        evidence.accessLog.push(logEntry(8, { path, status: 404, upstreamCluster }));
      },
      says: ['404 from outbound|80||other.default.svc.cluster.local'],
    },
    {
      name: 'nobody asked before the class',
      mutate: (evidence) => {
        evidence.accessLog = evidence.accessLog.filter((entry) => entry.path !== path || entry.status !== 404);
      },
      says: [`no request for ${host}${path}`, `before create-ingress-class (${after(12)})`],
    },
    {
      name: 'the Challenge has no token',
      mutate: (evidence) => put(recorded(evidence, 'Challenge'), ['spec', 'token'], undefined),
      says: ['without spec.token'],
      alsoRed: ['challenge-routed-through-gateway'],
    },
  ],
);

test.each([null, '-', 'BlackHoleCluster'])('treats %s as no upstream', async (upstreamCluster) => {
  const evidence = await missingIngressClassEvidence();
  for (const entry of evidence.accessLog) {
    if (entry.path === path && entry.status === 404) Object.assign(entry, { upstreamCluster, responseFlags: 'NR' });
  }
  const verdict = verdictOf(challengePathNeverReachedSolver, evidence);
  expect(verdict).toMatchObject({ result: 'passed' });
  expect(verdict.message).toContain('1 nowhere');
});

test('judges the whole record if the class was never created', async () => {
  expect(verdictOf(challengePathNeverReachedSolver, await goodEvidence()).result).toBe('failed');
});

test('ignores other paths that were routed to the application', async () => {
  const evidence = await missingIngressClassEvidence();
  evidence.accessLog.push(logEntry(8, { path: '/get' }));
  expect(verdictOf(challengePathNeverReachedSolver, evidence).result).toBe('passed');
});
