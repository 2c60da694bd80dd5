import { beforeEach, expect, test } from 'vitest';
import {
  after,
  caAgent,
  forget,
  goodEvidence,
  host,
  logEntry,
  secondHost,
  selfCheckAgent,
} from '../checks/testing/evidence-fixture.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { reportSchema } from '../report/report.ts';
import { challengeRequestsOf } from './challenge-requests.ts';
import { readIssuance } from './reading.ts';

let evidence: Evidence;

beforeEach(async () => {
  evidence = await goodEvidence();
});

const outline = () =>
  challengeRequestsOf(readIssuance(evidence)).map(({ at, by, status }) => `${at.slice(17, 23)} ${by} ${status}`);
const path = '/.well-known/acme-challenge/token-0-Xp2LbQ0f6mJtVw';

test('every request for a challenge path, by whom, in the order of time, and no other', () => {
  expect(outline()).toEqual([
    '01.010 client 404',
    '06.000 self-check 404',
    ...['16', '18', '20', '22', '24'].map((at) => `${at}.000 self-check 200`),
    ...['200', '210', '220'].map((at) => `24.${at} ca 200`),
  ]);
});

test('a request is told as the gateway logged it', () => {
  const requests = challengeRequestsOf(readIssuance(evidence));
  expect(requests.at(-1)).toEqual({
    at: after(24.22),
    by: 'ca',
    method: 'GET',
    url: `${host}${path}`,
    status: 200,
    responseFlags: '-',
    upstreamCluster: 'outbound|8089||cm-acme-http-solver-v7mt0.istio-system.svc.cluster.local',
    userAgent: caAgent,
    pod: 'istio-system/istio-ingressgateway-6d9f8c7b54-x2x7q',
  });
  expect(reportSchema.shape.scenarios.element.shape.challengeRequests.safeParse(requests).error).toBeUndefined();
});

test('also of a token that no Challenge has, through another gateway, and of the host in capital letters', () => {
  evidence.accessLog = [
    logEntry(9, { path: '/.well-known/acme-challenge/unknown', status: 404 }),
    logEntry(8, { path, pod: 'other/gateway-1' }),
    logEntry(7, { path, authority: host.toUpperCase() }),
  ];
  expect(outline()).toEqual(['07.000 client 200', '08.000 client 200', '09.000 client 404']);
});

test('not of another host', () => {
  evidence.accessLog = [logEntry(8, { path, authority: secondHost })];
  expect(outline()).toEqual([]);
});

test('of all hosts of the Certificate together', async () => {
  evidence = await goodEvidence({ hosts: [host, secondHost] });
  const requests = challengeRequestsOf(readIssuance(evidence));
  expect(requests).toHaveLength(19);
  expect(requests.slice(1, 3).map(({ at, url }) => [at, url.split('/')[0]])).toEqual([
    [after(6), host],
    [after(6), secondHost],
  ]);
  expect(requests.map(({ at }) => at)).toEqual(requests.map(({ at }) => at).toSorted());
});

test("of the subject's host where no Challenge came to be", () => {
  forget(evidence, 'Challenge');
  expect(outline()).toHaveLength(10);
});

test('a host that differs from that of its Challenge in its letters alone is not told twice', () => {
  evidence.subject.host = host.toUpperCase();
  expect(outline()).toHaveLength(10);
});

test('the user agent identifies the client; without one it is unknown', () => {
  evidence.accessLog = [
    logEntry(1, { path, userAgent: selfCheckAgent }),
    logEntry(2, { path, userAgent: caAgent }),
    logEntry(3, { path, userAgent: 'curl/9.3.0' }),
    logEntry(4, { path, userAgent: null }),
  ];
  const by = () => challengeRequestsOf(readIssuance(evidence)).map((request) => request.by);
  expect(by()).toEqual(['self-check', 'ca', 'client', 'client']);
  evidence.ca.userAgent = '';
  expect(by()).toEqual(['self-check', 'ca', 'client', 'client']);
});
