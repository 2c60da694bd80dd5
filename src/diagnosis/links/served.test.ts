import { expect, test } from 'vitest';
import {
  answered,
  forget,
  goodEvidence,
  put,
  recorded,
  recordedTlsProbe,
  secretFacts,
} from '../../checks/testing/evidence-fixture.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { diagnose } from '../diagnose.ts';
import { describeRules } from '../rule-cases-fixture.ts';
import { addObject, fixtureAddress, gatewayPods, stoppedDeployment } from '../situation-fixture.ts';
import { permissionLink } from './permission.ts';
import { referenceLink } from './reference.ts';
import { secretLink } from './secret.ts';
import { servedLink } from './served.ts';

const between = {
  ...{ controlPlane: 'https://control', dataPlane: 'https://data', misplaced: [], unread: [], secrets: [] },
};

describeRules(
  [secretLink, referenceLink, permissionLink, servedLink],
  [
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
      rule: 'istiod-cannot-read-cluster',
      what: 'a Secret that istiod elsewhere does not see',
      base: goodEvidence,
      stage(evidence) {
        tlsGateway(evidence, evidence.subject.secret.name);
        tlsEndsIn(evidence, 'read ECONNRESET');
      },
      surroundings: {
        betweenClusters: {
          ...between,
          unread: [{ pod: 'istio-system/istiod-1', cluster: 'data', reason: 'dial tcp: no route to host' }],
        },
      },
      verdict:
        /^The certificate is issued, but not served: istiod \(Pod istio-system\/istiod-1 at https:\/\/control\) cannot read the cluster data/,
    },
    {
      rule: 'gateway-at-the-wrong-api-server',
      what: 'a Gateway in the data plane',
      base: goodEvidence,
      stage: (evidence) => tlsEndsIn(evidence, 'connect ECONNREFUSED'),
      surroundings: {
        betweenClusters: { ...between, misplaced: [{ title: 'Gateway n/mine', credentials: ['mine'] }] },
      },
      verdict:
        /^The certificate is issued, but not served: Gateway n\/mine for \S+ is in the cluster at https:\/\/data, where Istio's control plane does not look for it\.$/,
    },
    {
      rule: 'secret-of-the-control-plane',
      what: 'a Secret that is there only',
      base: goodEvidence,
      stage(evidence) {
        tlsGateway(evidence, 'copied');
        const [leaf] = secretFacts(evidence).certificates;
        if (leaf) leaf.fingerprintSha256 = '00'.repeat(32);
        const [servedLeaf] = answered(recordedTlsProbe(evidence, 'tls-trusted')).chain;
        if (servedLeaf) servedLeaf.fingerprintSha256 = '11'.repeat(32);
      },
      surroundings: {
        betweenClusters: {
          ...between,
          secrets: [{ namespace: 'istio-system', name: 'copied', fingerprintSha256: '11'.repeat(32) }],
        },
      },
      verdict:
        /serves the certificate of Secret istio-system\/copied at the control plane \(https:\/\/control\), and not that of Secret/,
    },
    {
      rule: 'ingress-tls-in-other-namespace',
      what: 'an Ingress in the namespace of the application',
      base: goodEvidence,
      stage(evidence) {
        evidence.subject.gateway = { namespace: 'ingress', name: 'gateway' };
        addObject(evidence, {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: {
            ...{ namespace: evidence.subject.secret.namespace, name: 'web', uid: 'web-uid' },
            ...{ annotations: { 'kubernetes.io/ingress.class': 'istio' } },
          },
          spec: { tls: [{ hosts: [evidence.subject.host], secretName: evidence.subject.secret.name }] },
        });
        tlsEndsIn(evidence, 'read ECONNRESET');
      },
      verdict:
        /Istio takes the secretName of Ingress istio-system\/web from the namespace of its gateway's Pods: ingress\/istio-ingressgateway-certs, which is not there/,
    },
    {
      rule: 'gateway-selects-other-pods',
      what: 'a selector of another gateway',
      base: goodEvidence,
      stage(evidence) {
        tlsGateway(evidence, evidence.subject.secret.name, { selector: { istio: 'other' } });
        gatewayPod(evidence);
        tlsEndsIn(evidence, 'connect ECONNREFUSED');
      },
      verdict: /its selector \{"istio":"other"\} does not match that gateway's Pods/,
    },
    {
      rule: 'credential-of-other-namespace',
      what: 'a credentialName with a namespace',
      base: goodEvidence,
      stage(evidence) {
        evidence.subject.gateway = { namespace: 'ingress', name: 'gateway' };
        tlsGateway(evidence, `istio-system/${evidence.subject.secret.name}`);
        tlsEndsIn(evidence, 'read ECONNRESET');
      },
      verdict:
        /credentialName istio-system\/\S+ of Gateway default\/httpbin-https is refused, and no ReferenceGrant changes that/,
    },
    {
      rule: 'listener-may-not-read',
      what: 'no ReferenceGrant',
      base: goodEvidence,
      stage(evidence) {
        addObject(evidence, {
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'Gateway',
          metadata: { namespace: 'edge', name: 'web', uid: 'web-uid' },
          spec: {
            listeners: [{ name: 'https', port: 443, tls: { certificateRefs: [{ ...evidence.subject.secret }] } }],
          },
          status: {
            listeners: [
              {
                name: 'https',
                conditions: [
                  { type: 'ResolvedRefs', status: 'False', reason: 'RefNotPermitted', message: 'not accessible' },
                ],
              },
            ],
          },
        });
        tlsEndsIn(evidence, 'read ECONNRESET');
      },
      verdict:
        /Gateway edge\/web may not read Secret istio-system\/\S+: listener https has ResolvedRefs False, RefNotPermitted; no ReferenceGrant in istio-system allows it/,
    },
    {
      rule: 'credential-unusable',
      what: 'a Secret without a key',
      base: goodEvidence,
      stage(evidence) {
        tlsGateway(evidence, evidence.subject.secret.name);
        secretFacts(evidence).privateKeyPublicSha256 = null;
        tlsEndsIn(evidence, 'read ECONNRESET');
      },
      verdict: /has no private key in tls\.key/,
    },
    {
      rule: 'gateway-without-rights',
      what: 'a ServiceAccount without a Role, as istiod 1.31 says',
      base: goodEvidence,
      stage(evidence) {
        const { namespace, name } = evidence.subject.gateway;
        addObject(evidence, {
          ...{ apiVersion: 'v1', kind: 'Service', metadata: { namespace, name, uid: 'edge-service-uid' } },
          spec: { selector: { istio: 'edge' } },
        });
        addObject(evidence, {
          ...{ apiVersion: 'v1', kind: 'Pod' },
          metadata: { namespace, name: 'edge-6fd6f94c5d-p6whd', uid: 'edge-uid', ...{ labels: { istio: 'edge' } } },
        });
        tlsGateway(evidence, evidence.subject.secret.name);
        tlsEndsIn(evidence, 'read ECONNRESET');
        const line = `2026-11-27T23:21:38.944921Z warn ads proxy edge-6fd6f94c5d-p6whd.${namespace} attempted to access unauthorized certificates ${evidence.subject.secret.name}: edge/${namespace} is not authorized to read secrets: `;
        evidence.logs.push({ source: 'istiod', lines: [line] } as Evidence['logs'][number]);
      },
      verdict: /its ServiceAccount istio-system\/edge is not authorized to read Secrets\.$/,
    },
    {
      rule: 'mutual-without-ca',
      what: 'client certificates demanded',
      base: goodEvidence,
      stage(evidence) {
        tlsGateway(evidence, evidence.subject.secret.name, { mode: 'MUTUAL' });
        tlsEndsIn(evidence, 'read ECONNRESET');
      },
      verdict: /has tls\.mode MUTUAL and no CA to verify clients by/,
    },
    {
      rule: 'host-claimed-twice',
      what: 'an older Gateway with another Secret',
      base: goodEvidence,
      stage(evidence) {
        tlsGateway(evidence, evidence.subject.secret.name, { born: '2026-11-24T09:00:20Z' });
        otherSecret(evidence);
        tlsGateway(evidence, 'older', { name: 'a-older', born: '2026-11-24T08:00:00Z' });
      },
      verdict:
        /Gateway default\/a-older has the host \S+ on port 443 too and is older, so Istio ignores Gateway default\/httpbin-https for it; served is the certificate of Secret istio-system\/older/,
    },
    {
      rule: 'another-secret-served',
      what: 'a copy of an earlier Secret',
      base: goodEvidence,
      stage(evidence) {
        otherSecret(evidence);
        tlsGateway(evidence, 'older');
      },
      verdict: /serves the certificate of Secret istio-system\/older, which Gateway default\/httpbin-https names/,
    },
    {
      rule: 'service-without-tls-port',
      what: 'a Service with port 80 alone',
      base: goodEvidence,
      stage(evidence) {
        tlsGateway(evidence, evidence.subject.secret.name);
        addObject(evidence, {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { ...evidence.subject.gateway, uid: 'gateway-service-uid' },
          spec: { ports: [{ port: 80 }] },
        });
        tlsEndsIn(evidence, 'connect ECONNREFUSED');
      },
      verdict: /has no port 443 \(it has 80\)/,
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
      rule: 'istiod-not-running',
      what: 'a Secret that no gateway learns of',
      base: goodEvidence,
      stage(evidence) {
        tlsGateway(evidence, evidence.subject.secret.name);
        stoppedDeployment(evidence, 'istiod');
        tlsEndsIn(evidence, 'read ECONNRESET');
      },
      verdict: /^The certificate is issued, but not served: istiod does not run/,
    },
    {
      rule: 'gateway-not-running',
      what: 'scaled to 0 after the certificate was issued',
      base: goodEvidence,
      stage(evidence) {
        tlsGateway(evidence, evidence.subject.secret.name);
        gatewayPods(evidence);
        tlsEndsIn(evidence, 'connect ECONNREFUSED');
      },
      verdict: /^The certificate is issued, but not served: the gateway \S+ does not run/,
    },
    {
      rule: 'serving-begins',
      what: 'a Certificate that became Ready seconds ago',
      base: goodEvidence,
      stage(evidence) {
        tlsGateway(evidence, evidence.subject.secret.name);
        readySince(evidence, -10);
        tlsEndsIn(evidence, 'read ECONNRESET');
      },
      verdict: /does not serve it yet/,
    },
    {
      rule: 'not-served',
      what: 'a Certificate that has been Ready for a minute',
      base: goodEvidence,
      stage(evidence) {
        tlsGateway(evidence, evidence.subject.secret.name);
        readySince(evidence, -60);
        tlsEndsIn(evidence, 'read ECONNRESET');
      },
      verdict: /does not answer over TLS/,
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
  ],
);

test('a Gateway that is to be made must be able to read the Secret', async () => {
  const evidence = await goodEvidence();
  forget(evidence, 'Gateway');
  tlsEndsIn(evidence, 'connect ECONNREFUSED');
  expect(diagnose(evidence).remedy).toMatch(
    /^Add to a Gateway a server on port 443 with tls\.mode SIMPLE and credentialName/,
  );
  evidence.subject.gateway.namespace = 'edge';
  expect(diagnose(evidence).remedy).toMatch(
    /in edge with a listener .* Secret istio-system\/\S+, and a ReferenceGrant in istio-system/,
  );
});

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

interface GatewayOptions {
  readonly name?: string;
  readonly mode?: string;
  readonly born?: string;
  readonly selector?: Readonly<Record<string, string>>;
}

function tlsGateway(evidence: Evidence, credentialName: string, options: GatewayOptions = {}): void {
  const { name = 'httpbin-https', mode = 'SIMPLE', born = '2026-11-24T09:00:00Z', selector = {} } = options;
  addObject(evidence, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { ...{ namespace: 'default', name, uid: `${name}-uid` }, ...{ creationTimestamp: born } },
    spec: {
      selector,
      servers: [{ port: { number: 443 }, hosts: [evidence.subject.host], tls: { mode, credentialName } }],
    },
  });
}

/** A Secret `older` beside the Certificate's, whose certificate is the one that is served. */
function otherSecret(evidence: Evidence): void {
  const secret = structuredClone(recorded(evidence, 'Secret'));
  secret.name = 'older';
  secret.uid = 'older-uid';
  put(secret, ['metadata', 'name'], 'older');
  evidence.objects.push(secret);
  const [leaf] = secretFacts(evidence).certificates;
  if (leaf) leaf.fingerprintSha256 = '00'.repeat(32);
}

/** Lets the Certificate be Ready since some seconds before the latest look. */
function readySince(evidence: Evidence, seconds: number): void {
  const times = evidence.objects.map(({ states }) => states.at(-1)?.at ?? '');
  const now = Date.parse([...times, '2026-11-24T09:00:30.000Z'].toSorted().at(-1) ?? '');
  const at = new Date(now + seconds * 1_000).toISOString();
  put(
    recorded(evidence, 'Certificate'),
    ['status', 'conditions'],
    [{ type: 'Ready', status: 'True', reason: 'Ready', message: 'up to date', lastTransitionTime: at }],
  );
}

/** The gateway's Service and one Pod of it. */
function gatewayPod(evidence: Evidence): void {
  const { gateway } = evidence.subject;
  const selector = { istio: 'ingressgateway' };
  addObject(evidence, {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { ...gateway, uid: 'gateway-service-uid' } },
    spec: { selector },
  });
  addObject(evidence, {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      ...{ namespace: gateway.namespace, name: 'gateway-1', uid: 'gateway-pod-uid' },
      ...{ labels: selector },
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
