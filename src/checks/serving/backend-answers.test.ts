import { expect, test } from 'vitest';
import { probeNames } from '../../evidence/probe-names.ts';
import { findIssuance } from '../../issuance/issuance.ts';
import { goodPathChecks } from '../all-checks.ts';
import { applicationMutations, changeAnswer, changeProbe } from '../testing/application-mutations-fixture.ts';
import { applicationPaths, goodEvidence, host } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { backendAnswers } from './backend-answers.ts';

const https = probeNames.httpsApplication;
const http = probeNames.httpApplicationAfter;

describeCheck(backendAnswers, goodEvidence, goodPathChecks, [
  ...applicationMutations(https, 'https'),
  {
    name: 'HTTP/1.1',
    mutate: changeAnswer(https, { httpVersion: '1.1' }),
    says: ['should have spoken HTTP/2, but spoke HTTP/1.1'],
  },
  {
    name: 'asked without TLS',
    mutate: changeProbe(https, { url: `http://${host}/get` }),
    says: [`should have asked https://${host} on port 443`],
  },
  {
    name: 'the client did not verify against the roots of the CA',
    mutate: changeProbe(https, { trust: 'foreign-root' }),
    says: ['should have trusted ca-roots, but trusted foreign-root'],
  },
  {
    name: 'the application is another one',
    mutate: (evidence) => {
      evidence.subject.application.port = 9000;
    },
    says: ['outbound|9000||httpbin.default.svc.cluster.local'],
    alsoRed: ['plain-http-answers'],
  },
]);

test("accepts go-httpbin's page, and a clock of the gateway that is a little off", async () => {
  const evidence = await goodEvidence();
  changeAnswer(https, { body: '<!DOCTYPE html><title>go-httpbin</title>' })(evidence);
  for (const entry of evidence.accessLog) {
    if (entry.path === applicationPaths.https) entry.at = new Date(Date.parse(entry.at) - 2_000).toISOString();
  }
  expect(backendAnswers.judge(evidence, findIssuance(evidence)).result).toBe('passed');
});

test('judges plain HTTP too on evidence of version 2, which had no check of its own for it', async () => {
  const evidence = await goodEvidence();
  changeAnswer(http, { status: 503 })(evidence);
  expect(backendAnswers.judge(evidence, findIssuance(evidence)).result).toBe('passed');
  const earlier = { ...evidence, schemaVersion: 2 } as const;
  expect(backendAnswers.judge(earlier, findIssuance(earlier))).toMatchObject({
    result: 'failed',
    message: expect.stringContaining(`"${http}"`),
  });
});

test('passes on the answer alone if there is no access log', async () => {
  const evidence = await goodEvidence();
  evidence.accessLog = [];
  expect(backendAnswers.judge(evidence, findIssuance(evidence)).result).toBe('failed');
  evidence.accessLogMissing = { reason: 'off', detail: 'meshConfig.accessLogFile is empty' };
  expect(backendAnswers.judge(evidence, findIssuance(evidence))).toMatchObject({
    result: 'passed',
    message: expect.stringContaining('does not show from where (meshConfig.accessLogFile is empty)'),
  });
});
