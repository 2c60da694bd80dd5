import { expect, test } from 'vitest';
import type { Evidence, HttpProbe } from '../../evidence/evidence.ts';
import { goodPathChecks } from '../all-checks.ts';
import { applicationCluster, forgetProbe, goodEvidence, host, recordedHttpProbe } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { backendAnswers } from './backend-answers.ts';

type Answer = Exclude<HttpProbe['outcome'], { error: string }>;

function change(name: string, fields: Partial<HttpProbe>): (evidence: Evidence) => void {
  return (evidence) => {
    Object.assign(recordedHttpProbe(evidence, name), fields);
  };
}

function changeAnswer(name: string, fields: Partial<Answer>): (evidence: Evidence) => void {
  return (evidence) => {
    Object.assign(recordedHttpProbe(evidence, name).outcome, fields);
  };
}

const https = 'https-application';
const http = 'http-application-after';

describeCheck(backendAnswers, goodEvidence, goodPathChecks, [
  ...[https, http].flatMap((name) => [
    {
      name: `${name}: no such probe`,
      mutate: (evidence: Evidence) => forgetProbe(evidence, name),
      says: [`no HTTP probe "${name}"`],
    },
    {
      name: `${name}: no answer`,
      mutate: change(name, { outcome: { error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' } }),
      says: [`HTTP probe "${name}"`, 'ended in connect ECONNREFUSED'],
    },
    {
      name: `${name}: answered 503`,
      mutate: changeAnswer(name, { status: 503 }),
      says: ['should have been answered 200, but was answered 503'],
    },
    {
      name: `${name}: redirected`,
      mutate: changeAnswer(name, { status: 301 }),
      says: ['was answered 301'],
    },
    {
      name: `${name}: another host was asked`,
      mutate: change(name, { url: 'https://other.example.test/get' }),
      says: [`${host} on port`],
    },
    {
      name: `${name}: another port was asked`,
      mutate: change(name, { url: `${name === https ? 'https' : 'http'}://${host}:8443/get` }),
      says: [name === https ? 'on port 443' : 'on port 80'],
    },
    {
      name: `${name}: the URL is none`,
      mutate: change(name, { url: 'nowhere' }),
      says: ['has no valid URL'],
    },
    {
      name: `${name}: someone else's answer`,
      mutate: changeAnswer(name, { body: '<html>Welcome</html>' }),
      says: ['but not by go-httpbin', '<html>Welcome</html>'],
    },
    {
      name: `${name}: JSON that echoes nothing`,
      mutate: changeAnswer(name, { body: '{"headers":{}}' }),
      says: ['but not by go-httpbin'],
    },
    {
      name: `${name}: an answer meant for another host`,
      mutate: changeAnswer(name, {
        body: '{"headers":{"Host":["other.example.test"]},"url":"http://other.example.test/"}',
      }),
      says: ['but not by go-httpbin'],
    },
  ]),
  {
    name: 'HTTPS over HTTP/1.1',
    mutate: changeAnswer(https, { httpVersion: '1.1' }),
    says: ['should have spoken HTTP/2, but spoke HTTP/1.1'],
  },
  {
    name: 'HTTPS asked without TLS',
    mutate: change(https, { url: `http://${host}/get` }),
    says: [`should have asked https://${host} on port 443`],
  },
  {
    name: 'the HTTPS client did not verify against the roots of the CA',
    mutate: change(https, { trust: 'foreign-root' }),
    says: ['should have trusted ca-roots, but trusted foreign-root'],
  },
  {
    name: 'the access log has neither request',
    mutate: (evidence) => {
      evidence.accessLog = evidence.accessLog.filter((entry) => entry.path !== '/get');
    },
    says: [`"${https}"`, `"${http}"`, 'it has no such request at that time'],
  },
  {
    name: 'the access log has one request for the two probes',
    mutate: (evidence) => {
      evidence.accessLog.pop();
    },
    says: [`"${http}"`, 'it has no such request at that time'],
  },
  {
    name: 'the requests in the access log are from long before',
    mutate: (evidence) => {
      for (const entry of evidence.accessLog) if (entry.path === '/get') entry.at = evidence.scenario.startedAt;
    },
    says: ['it has no such request at that time'],
  },
  {
    name: 'the gateway led the requests to another Service',
    mutate: (evidence) => {
      for (const entry of evidence.accessLog) {
        if (entry.path === '/get') entry.upstreamCluster = 'outbound|8000||other.default.svc.cluster.local';
      }
    },
    says: [applicationCluster, '200 from outbound|8000||other.default.svc.cluster.local'],
  },
  {
    name: 'the requests came through another gateway',
    mutate: (evidence) => {
      for (const entry of evidence.accessLog) if (entry.path === '/get') entry.pod = 'default/other-abc-xyz';
    },
    says: ['it has no such request at that time'],
  },
  {
    name: 'the application is another one',
    mutate: (evidence) => {
      evidence.subject.application.port = 9000;
    },
    says: ['outbound|9000||httpbin.default.svc.cluster.local'],
  },
]);

test("takes go-httpbin's page, and a clock of the gateway that is a little off", async () => {
  const evidence = await goodEvidence();
  changeAnswer(https, { body: '<!DOCTYPE html><title>go-httpbin</title>' })(evidence);
  for (const entry of evidence.accessLog) {
    if (entry.path === '/get') entry.at = new Date(Date.parse(entry.at) - 2_000).toISOString();
  }
  expect(verdictOf(backendAnswers, evidence).result).toBe('passed');
});
