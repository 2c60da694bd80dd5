import { expect, test } from 'vitest';
import { answered, forget, goodEvidence, recordedTlsProbe, secretFacts } from '../checks/testing/evidence-fixture.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { diagnose } from './diagnose.ts';
import { describeRules } from './rule-cases-fixture.ts';
import { servingRules } from './serving-rules.ts';
import { addObject, fixtureAddress } from './situation-fixture.ts';

describeRules(servingRules, [
  {
    rule: 'secret-in-other-namespace',
    what: "the Gateway's namespace has none",
    base: goodEvidence,
    stage(evidence) {
      evidence.subject.gateway = { namespace: 'ingress', name: 'gateway' };
      tlsGateway(evidence, evidence.subject.secret.name);
      tlsEndsIn(evidence, 'read ECONNRESET');
    },
    verdict:
      /uses Secret ingress\/istio-ingressgateway-certs, but the certificate is in istio-system\/istio-ingressgateway-certs/,
  },
  {
    rule: 'credential-missing',
    what: 'a name that no Secret has',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, 'no-such-secret');
      tlsEndsIn(evidence, 'read ECONNRESET');
    },
    verdict: /uses Secret istio-system\/no-such-secret, which does not exist/,
  },
  {
    rule: 'no-tls-server',
    what: 'only port 80',
    base: goodEvidence,
    stage(evidence) {
      forget(evidence, 'Gateway');
      tlsEndsIn(evidence, 'connect ECONNREFUSED');
    },
    verdict: /no Gateway serves \S+ over TLS/,
  },
  {
    rule: 'not-served',
    what: 'a Gateway, a Secret, and no answer',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, evidence.subject.secret.name);
      tlsEndsIn(evidence, 'read ECONNRESET');
    },
    verdict: /does not answer over TLS: read ECONNRESET/,
  },
  {
    rule: 'another-certificate-served',
    what: 'an older one',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, evidence.subject.secret.name);
      const [leaf] = secretFacts(evidence).certificates;
      if (leaf) leaf.fingerprintSha256 = '00'.repeat(32);
    },
    verdict: /serves another certificate/,
  },
  {
    rule: 'ends-at-another-root',
    what: 'clients of another CA',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, evidence.subject.secret.name);
      evidence.ca.roots = [evidence.ca.foreignRoot];
      Object.assign(answered(recordedTlsProbe(evidence, 'tls-trusted')), {
        authorized: false,
        authorizationError: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      });
    },
    verdict: /does not end at a root that the client trusts/,
  },
  {
    rule: 'refused-by-clients',
    what: 'the right root, and another complaint',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, evidence.subject.secret.name);
      Object.assign(answered(recordedTlsProbe(evidence, 'tls-trusted')), {
        authorized: false,
        authorizationError: 'CERT_HAS_EXPIRED',
      });
    },
    verdict: /clients refuse it: CERT_HAS_EXPIRED/,
  },
  {
    rule: 'served',
    what: 'the good evidence',
    base: goodEvidence,
    stage: (evidence) => tlsGateway(evidence, evidence.subject.secret.name),
    verdict:
      /^Nothing is wrong: .* is issued and served at \S+, and its chain ends at a root that the client trusts\.$/,
  },
  {
    rule: 'issued',
    what: 'nobody looked at the host',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, evidence.subject.secret.name);
      evidence.probes = [];
    },
    verdict: /could not be checked/,
  },
]);

test('a gateway that passes TLS through has no Secret to name', async () => {
  const evidence = await goodEvidence();
  forget(evidence, 'Gateway');
  addObject(evidence, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { namespace: 'default', name: 'through', uid: 'through-uid' },
    spec: { servers: [{ port: { number: 443 }, hosts: ['*'], tls: { mode: 'PASSTHROUGH' } }] },
  });
  tlsEndsIn(evidence, 'read ECONNRESET');
  expect(diagnose(evidence).rule).toBe('not-served');
});

test('Secrets that the user may not get are not missing', async () => {
  const evidence = await goodEvidence();
  tlsGateway(evidence, 'may-be-there');
  tlsEndsIn(evidence, 'read ECONNRESET');
  evidence.problems = [
    'Could not get Secret istio-system/may-be-there: the API server says: forbidden (403 Forbidden).',
  ];
  expect(diagnose(evidence).rule).toBe('not-served');
});

test('a Secret that a second gateway looks for elsewhere is not needed where the host serves it', async () => {
  const evidence = await goodEvidence();
  evidence.subject.gateway = { namespace: 'ingress', name: 'gateway' };
  tlsGateway(evidence, evidence.subject.secret.name);
  expect(diagnose(evidence).rule).toBe('served');
});

function tlsGateway(evidence: Evidence, credentialName: string): void {
  addObject(evidence, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { namespace: 'default', name: 'httpbin-https', uid: 'gateway-uid' },
    spec: {
      servers: [{ port: { number: 443 }, hosts: [evidence.subject.host], tls: { mode: 'SIMPLE', credentialName } }],
    },
  });
}

function tlsEndsIn(evidence: Evidence, error: string): void {
  evidence.probes = evidence.probes.filter(({ kind }) => kind !== 'tls');
  evidence.probes.push({
    kind: 'tls',
    name: 'tls-trusted',
    at: '2026-11-24T09:00:30.000Z',
    durationMs: 2,
    address: fixtureAddress,
    port: 443,
    serverName: evidence.subject.host,
    trust: 'ca-roots',
    outcome: { error, code: 'ECONNRESET' },
  });
}
