import { actionNames } from '../../evidence/action-names.ts';
import {
  type AccessLogEntry,
  type BrowserProbe,
  type CertificateFacts,
  type Evidence,
  evidenceSchema,
  evidenceSchemaVersion,
  type HttpProbe,
  type ObjectHistory,
  type TlsProbe,
} from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { type SecretFacts, secretFactsField } from '../../evidence/secret-facts.ts';
import { createIssuer, type Issuer, issueLeaf } from './certificate-fixture.ts';

/** Evidence that passes every check of the good path, for tests to break in one place at a time. */

export const host = 'shop-4f2a.example.test';
export const secondHost = 'blog-4f2a.example.test';
export const applicationCluster = 'outbound|8000||httpbin.default.svc.cluster.local';
export const caAgent = 'LetsEncrypt-Pebble-VA (linux; amd64)';
export const selfCheckAgent = 'cert-manager-challenges/v1.21.2 (linux/amd64) cert-manager/0123abc';
/** When the scenario applies the Issuer, in seconds after its start. */
export const issuerAppliedAfter = 2;
/** When missing-ingress-class creates the class: after the first failed self-check and before the first good one. */
const classCreatedAfter = 12;

/** What the probes of the application ask for, by scheme. */
export const applicationPaths = {
  https: `/get?padlock=${probeNames.httpsApplication}`,
  http: `/get?padlock=${probeNames.httpApplicationAfter}`,
};

const namespace = 'istio-system';
const gatewayAddress = '10.231.0.100';

export interface EvidenceOptions {
  readonly hosts?: readonly string[];
  readonly solver?: 'ingress' | 'gateway-httproute';
}

interface Authorities {
  readonly root: Issuer;
  readonly intermediate: Issuer;
  readonly foreign: Issuer;
}

let authorities: Promise<Authorities> | undefined;

/** The CA of the fixture, made once in a test file. */
export function fixtureCa(): Promise<Authorities> {
  authorities ??= createAuthorities();
  return authorities;
}

async function createAuthorities(): Promise<Authorities> {
  const root = await createIssuer('Pebble Root CA 7a1c3e');
  const intermediate = await createIssuer('Pebble Intermediate CA 51b0d2', root);
  const foreign = await createIssuer('Foreign Root CA');
  return { root, intermediate, foreign };
}

/** A time of the fixture: seconds after the scenario's start. */
export function after(seconds: number): string {
  return new Date(Date.parse('2026-11-24T09:00:00.000Z') + seconds * 1_000).toISOString();
}

/** Complete evidence of an issuance that went well, as the scenario http01-ingress leaves it. */
export async function goodEvidence(options: EvidenceOptions = {}): Promise<Evidence> {
  const { hosts = [host], solver = 'ingress' } = options;
  const { root, intermediate, foreign } = await fixtureCa();
  const leaf = await issueLeaf(intermediate, hosts);
  const chain = [leaf, intermediate.facts];
  const challenges = hosts.map((name, index) => challengeOf(name, index));

  const evidence = {
    schemaVersion: evidenceSchemaVersion,
    scenario: {
      id: 'http01-ingress',
      title: 'HTTP-01 over an Ingress of class istio',
      startedAt: after(0),
      endedAt: after(30),
      settings: {},
    },
    subject: {
      host,
      issuer: { namespace, name: 'letsencrypt-prod-issuer' },
      certificate: { namespace, name: 'istio-ingressgateway-certs' },
      secret: { namespace, name: 'istio-ingressgateway-certs' },
      solver,
      gateway: { namespace, name: 'istio-ingressgateway' },
      application: { service: 'httpbin.default.svc.cluster.local', port: 8000 },
      expects: { http: 'answers' },
    },
    actions: [
      { at: after(1), name: actionNames.probe, detail: probeNames.challengePathBefore },
      { at: after(issuerAppliedAfter), name: actionNames.apply, detail: 'Issuer/letsencrypt-prod-issuer' },
      { at: after(4), name: actionNames.apply, detail: 'Certificate/istio-ingressgateway-certs' },
      { at: after(27), name: actionNames.apply, detail: 'Gateway/httpbin-https' },
    ],
    objects: [
      issuerHistory(),
      certificateHistory(hosts),
      requestHistory(),
      orderHistory(challenges),
      ...challenges.flatMap((challenge) => [challengeHistory(challenge), ...solverHistories(challenge, solver)]),
      secretHistory(leaf, chain),
    ],
    accessLog: [
      logEntry(1.01, { path: '/.well-known/acme-challenge/padlock-probe', status: 404, userAgent: 'padlock-probe' }),
      ...challenges.flatMap((challenge) => challengeRequests(challenge)),
      logEntry(28.21, { path: applicationPaths.https, userAgent: 'padlock-probe' }),
      logEntry(28.41, { path: applicationPaths.http, userAgent: 'padlock-probe' }),
    ],
    ca: {
      directoryUrl: 'https://acme.ca.example.test:14000/dir',
      userAgent: 'LetsEncrypt-Pebble-VA',
      roots: [root.facts],
      foreignRoot: foreign.facts,
      log: [{ at: after(24.3), line: 'Pebble 2026/11/24 09:00:24 authz 4b1f set VALID by completed challenge 9c2e' }],
    },
    probes: [
      httpProbe(
        probeNames.challengePathBefore,
        1,
        `http://${host}/.well-known/acme-challenge/padlock-probe`,
        404,
        '404 page not found',
      ),
      tlsProbe(probeNames.tlsTrusted, 28, chain, null),
      tlsProbe(probeNames.tlsForeignRoot, 28.1, chain, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'),
      httpProbe(probeNames.httpsApplication, 28.2, applicationUrl('https'), 200, echo(applicationUrl('https'))),
      httpProbe(probeNames.httpApplicationAfter, 28.4, applicationUrl('http'), 200, echo(applicationUrl('http'))),
      browserProbe(probeNames.browserTrusted, 28.6, [...chain, root.facts]),
      browserProbe(probeNames.browserControl, 29.8, null),
    ],
    gatewayConfigs: [],
    logs: [],
    problems: [],
  } satisfies Evidence;
  // Read as from a file, so that no two parts of it are one object and a test changes only what it means to.
  return evidenceSchema.parse(JSON.parse(JSON.stringify(evidence)));
}

/** Evidence of the scenario missing-ingress-class: first no way to the solver, then the class and a good issuance. */
export async function missingIngressClassEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  evidence.scenario.id = 'missing-ingress-class';
  evidence.actions.splice(3, 0, {
    at: after(classCreatedAfter),
    name: actionNames.createIngressClass,
    detail: 'IngressClass/istio',
  });
  return evidence;
}

/** A recorded object of a kind; with several, `index` counts them in the order of the evidence. */
export function recorded(evidence: Evidence, kind: string, index = 0): ObjectHistory {
  const found = evidence.objects.filter((history) => history.kind === kind)[index];
  if (found === undefined) throw new Error(`the fixture has no ${kind} number ${index}`);
  return found;
}

/**
 * Puts a CertificateRequest with its Order and its Challenge before the others, which cert-manager removed before anything
 * came of them.
 */
export function replaceRequest(
  evidence: Evidence,
): readonly [request: ObjectHistory, order: ObjectHistory, challenge: ObjectHistory] {
  const earlier = (kind: string, states: number, from: number): ObjectHistory => {
    const clone = structuredClone(recorded(evidence, kind));
    clone.uid = `earlier-${clone.uid}`;
    clone.states = clone.states.slice(0, states).map((state, index) => ({ ...state, at: after(from + index / 100) }));
    const last = clone.states.at(-1);
    if (last !== undefined) clone.states.push({ ...structuredClone(last), at: after(from + 0.1), change: 'deleted' });
    return clone;
  };
  const request = earlier('CertificateRequest', 2, 4.2);
  const order = earlier('Order', 2, 4.25);
  const challenge = earlier('Challenge', 1, 4.3);
  put(order, ['metadata', 'ownerReferences', 0, 'uid'], request.uid);
  put(challenge, ['metadata', 'ownerReferences', 0, 'uid'], order.uid);
  evidence.objects.unshift(request, order, challenge);
  return [request, order, challenge];
}

/** Takes all objects of a kind out of the evidence. */
export function forget(evidence: Evidence, kind: string): void {
  evidence.objects = evidence.objects.filter((history) => history.kind !== kind);
}

/** Sets a field, given by its path, in every state of an object; undefined removes it. */
export function put(history: ObjectHistory, path: readonly (string | number)[], value: unknown): void {
  for (const { object } of history.states) putInto(object, path, value);
}

function putInto(object: Record<string | number, unknown>, path: readonly (string | number)[], value: unknown): void {
  const [step, ...rest] = path;
  if (step === undefined) return;
  if (rest.length === 0) {
    if (value === undefined) delete object[step];
    else object[step] = structuredClone(value);
    return;
  }
  const next = object[step];
  // A state from before the field existed stays as it is.
  if (typeof next === 'object' && next !== null) putInto(next as Record<string | number, unknown>, rest, value);
}

export function recordedHttpProbe(evidence: Evidence, name: string): HttpProbe {
  const found = evidence.probes.find((probe) => probe.name === name);
  if (found?.kind !== 'http') throw new Error(`the fixture has no HTTP probe ${name}`);
  return found;
}

export function recordedTlsProbe(evidence: Evidence, name: string): TlsProbe {
  const found = evidence.probes.find((probe) => probe.name === name);
  if (found?.kind !== 'tls') throw new Error(`the fixture has no TLS probe ${name}`);
  return found;
}

export function recordedBrowserProbe(evidence: Evidence, name: string): BrowserProbe {
  const found = evidence.probes.find((probe) => probe.name === name);
  if (found?.kind !== 'browser') throw new Error(`the fixture has no browser probe ${name}`);
  return found;
}

export function forgetProbe(evidence: Evidence, name: string): void {
  evidence.probes = evidence.probes.filter((probe) => probe.name !== name);
}

/** The outcome of a TLS probe that was answered. */
export function answered(probe: TlsProbe): Exclude<TlsProbe['outcome'], { error: string }> {
  if ('error' in probe.outcome) throw new Error(`the fixture's probe ${probe.name} was not answered`);
  return probe.outcome;
}

/** The outcome of a browser probe whose page came. */
export function shown(probe: BrowserProbe): Extract<BrowserProbe['outcome'], { status: unknown }> {
  if (!('status' in probe.outcome)) throw new Error(`the fixture's browser did not show the page of ${probe.name}`);
  return probe.outcome;
}

/** The facts that stand in the Secret in place of its data. */
export function secretFacts(evidence: Evidence): SecretFacts {
  const [state] = recorded(evidence, 'Secret').states;
  return state?.object[secretFactsField] as SecretFacts;
}

/** A request through the gateway, by default answered 200 by the application. */
export function logEntry(seconds: number, entry: Partial<AccessLogEntry> = {}): AccessLogEntry {
  return {
    at: after(seconds),
    pod: `${namespace}/istio-ingressgateway-6d9f8c7b54-x2x7q`,
    method: 'GET',
    path: '/',
    authority: host,
    status: 200,
    responseFlags: '-',
    responseCodeDetails: 'via_upstream',
    upstreamCluster: applicationCluster,
    upstreamHost: '10.244.0.9:8080',
    routeName: null,
    userAgent: null,
    downstreamRemoteAddress: '10.231.0.1:40312',
    durationMs: 1,
    ...entry,
  };
}

interface FixtureChallenge {
  readonly host: string;
  readonly name: string;
  readonly uid: string;
  readonly token: string;
  readonly authorizationUrl: string;
  readonly solverName: string;
}

function challengeOf(name: string, index: number): FixtureChallenge {
  return {
    host: name,
    name: `istio-ingressgateway-certs-1-3141592653-${1000 + index}`,
    uid: `challenge-uid-${index}`,
    token: `token-${index}-Xp2LbQ0f6mJtVw`,
    authorizationUrl: `https://acme.ca.example.test:14000/authZ/${index}`,
    solverName: `cm-acme-http-solver-v7mt${index}`,
  };
}

const orderName = 'istio-ingressgateway-certs-1-3141592653';

function challengeRequests({ host: authority, token, solverName }: FixtureChallenge): AccessLogEntry[] {
  const path = `/.well-known/acme-challenge/${token}`;
  const toSolver = {
    authority,
    path,
    upstreamCluster: `outbound|8089||${solverName}.${namespace}.svc.cluster.local`,
    upstreamHost: '10.244.0.12:8089',
  };
  return [
    logEntry(6, { authority, path, status: 404, userAgent: selfCheckAgent }),
    ...[16, 18, 20, 22, 24].map((at) => logEntry(at, { ...toSolver, userAgent: selfCheckAgent })),
    ...[24.2, 24.21, 24.22].map((at) => logEntry(at, { ...toSolver, userAgent: caAgent })),
  ];
}

interface Change {
  readonly at: number;
  readonly change?: 'added' | 'modified' | 'deleted';
  readonly fields: Record<string, unknown>;
}

/** A history whose states share their metadata; the first is 'added' and the others 'modified' unless they say otherwise. */
function history(
  [apiVersion, kind, name, uid]: readonly [string, string, string, string],
  metadata: Record<string, unknown>,
  changes: readonly Change[],
): ObjectHistory {
  return {
    apiVersion,
    kind,
    namespace,
    name,
    uid,
    states: changes.map(({ at, change, fields }, index) => ({
      at: after(at),
      change: change ?? (index === 0 ? 'added' : 'modified'),
      object: { apiVersion, kind, metadata: { namespace, name, uid, generation: 1, ...metadata }, ...fields },
    })),
  };
}

function ownedBy(apiVersion: string, kind: string, name: string, uid: string) {
  return { ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }] };
}

function ready(status: 'True' | 'False', reason: string, message: string) {
  return { type: 'Ready', status, reason, message, observedGeneration: 1 };
}

function issuerHistory(): ObjectHistory {
  const spec = {
    acme: {
      server: 'https://acme.ca.example.test:14000/dir',
      privateKeySecretRef: { name: 'letsencrypt-prod' },
      solvers: [{ http01: { ingress: { ingressClassName: 'istio' } } }],
    },
  };
  return history(['cert-manager.io/v1', 'Issuer', 'letsencrypt-prod-issuer', 'issuer-uid'], {}, [
    { at: 2.1, fields: { spec } },
    {
      at: 2.6,
      fields: {
        spec,
        status: {
          acme: { uri: 'https://acme.ca.example.test:14000/my-account/1' },
          conditions: [ready('True', 'ACMEAccountRegistered', 'The ACME account was registered with the ACME server')],
        },
      },
    },
  ]);
}

function certificateHistory(dnsNames: readonly string[]): ObjectHistory {
  const spec = {
    dnsNames,
    secretName: 'istio-ingressgateway-certs',
    issuerRef: { name: 'letsencrypt-prod-issuer', kind: 'Issuer' },
  };
  return history(['cert-manager.io/v1', 'Certificate', 'istio-ingressgateway-certs', 'certificate-uid'], {}, [
    { at: 4.1, fields: { spec } },
    {
      at: 4.3,
      fields: {
        spec,
        status: { conditions: [ready('False', 'DoesNotExist', 'Issuing certificate as Secret does not exist')] },
      },
    },
    {
      at: 25,
      fields: {
        spec,
        status: {
          conditions: [ready('True', 'Ready', 'Certificate is up to date and has not expired')],
          revision: 1,
        },
      },
    },
  ]);
}

function requestHistory(): ObjectHistory {
  const { observedGeneration: _, ...pending } = ready('False', 'Pending', 'Waiting on certificate issuance from order');
  return history(
    ['cert-manager.io/v1', 'CertificateRequest', 'istio-ingressgateway-certs-1', 'request-uid'],
    {
      annotations: { 'cert-manager.io/certificate-name': 'istio-ingressgateway-certs' },
      ...ownedBy('cert-manager.io/v1', 'Certificate', 'istio-ingressgateway-certs', 'certificate-uid'),
    },
    [
      { at: 4.5, fields: { spec: {} } },
      { at: 4.6, fields: { spec: {}, status: { conditions: [pending] } } },
      {
        at: 24.8,
        fields: {
          spec: {},
          status: { conditions: [{ ...pending, status: 'True', reason: 'Issued', message: 'Certificate fetched' }] },
        },
      },
    ],
  );
}

function orderHistory(challenges: readonly FixtureChallenge[]): ObjectHistory {
  const authorizations = challenges.map((challenge) => ({
    url: challenge.authorizationUrl,
    identifier: challenge.host,
    initialState: 'pending',
  }));
  return history(
    ['acme.cert-manager.io/v1', 'Order', orderName, 'order-uid'],
    ownedBy('cert-manager.io/v1', 'CertificateRequest', 'istio-ingressgateway-certs-1', 'request-uid'),
    [
      { at: 4.7, fields: { spec: {} } },
      { at: 4.9, fields: { spec: {}, status: { state: 'pending', authorizations } } },
      { at: 24.5, fields: { spec: {}, status: { state: 'ready', authorizations } } },
      { at: 24.7, fields: { spec: {}, status: { state: 'valid', authorizations } } },
    ],
  );
}

function challengeHistory({ host: dnsName, name, uid, token, authorizationUrl }: FixtureChallenge): ObjectHistory {
  const spec = { dnsName, token, type: 'HTTP-01', authorizationURL: authorizationUrl };
  const pending = { state: 'pending', presented: true, processing: true };
  const valid = { state: 'valid', presented: false, processing: false, reason: 'Successfully authorized domain' };
  const waiting = "Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'";
  return history(
    ['acme.cert-manager.io/v1', 'Challenge', name, uid],
    ownedBy('acme.cert-manager.io/v1', 'Order', orderName, 'order-uid'),
    [
      { at: 5, fields: { spec } },
      { at: 5.5, fields: { spec, status: pending } },
      { at: 6.1, fields: { spec, status: { ...pending, reason: waiting } } },
      { at: 24.4, fields: { spec, status: valid } },
      { at: 24.9, change: 'deleted', fields: { spec, status: valid } },
    ],
  );
}

function solverHistories(challenge: FixtureChallenge, solver: 'ingress' | 'gateway-httproute'): ObjectHistory[] {
  const { host: name, token, solverName } = challenge;
  const metadata = {
    labels: { 'acme.cert-manager.io/http01-solver': 'true' },
    ...ownedBy('acme.cert-manager.io/v1', 'Challenge', challenge.name, challenge.uid),
  };
  const gone = (fields: Record<string, unknown>): Change => ({ at: 24.6, change: 'deleted', fields });
  const uid = (kind: string) => `${kind}-of-${challenge.uid}`;
  const path = `/.well-known/acme-challenge/${token}`;

  const pod = { spec: {}, status: { phase: 'Running' } };
  const service = { spec: { ports: [{ port: 8089 }] } };
  const rule = { host: name, http: { paths: [{ path, backend: { service: { name: solverName } } }] } };
  const ingress = { spec: { ingressClassName: 'istio', rules: [rule] } };
  const addressed = { ...ingress, status: { loadBalancer: { ingress: [{ ip: gatewayAddress }] } } };
  const route = { spec: { hostnames: [name], rules: [{ backendRefs: [{ name: solverName, port: 8089 }] }] } };
  return [
    history(['v1', 'Pod', `${solverName}-p`, uid('pod')], metadata, [{ at: 5.2, fields: pod }, gone(pod)]),
    history(['v1', 'Service', solverName, uid('service')], metadata, [{ at: 5.2, fields: service }, gone(service)]),
    solver === 'ingress'
      ? history(['networking.k8s.io/v1', 'Ingress', `${solverName}-i`, uid('ingress')], metadata, [
          { at: 5.3, fields: ingress },
          { at: 13, fields: addressed },
          gone(addressed),
        ])
      : history(['gateway.networking.k8s.io/v1', 'HTTPRoute', `${solverName}-r`, uid('route')], metadata, [
          { at: 5.3, fields: route },
          gone(route),
        ]),
  ];
}

function secretHistory(leaf: CertificateFacts, certificates: readonly CertificateFacts[]): ObjectHistory {
  const facts: SecretFacts = {
    certificates: [...certificates],
    privateKeyPublicSha256: leaf.publicKeySha256,
    dataKeys: ['tls.crt', 'tls.key'],
  };
  return history(['v1', 'Secret', 'istio-ingressgateway-certs', 'secret-uid'], {}, [
    { at: 24.9, fields: { type: 'kubernetes.io/tls', [secretFactsField]: facts } },
  ]);
}

function httpProbe(name: string, seconds: number, url: string, status: number, body: string): HttpProbe {
  const secure = url.startsWith('https:');
  return {
    kind: 'http',
    name,
    at: after(seconds),
    durationMs: 40,
    url,
    address: gatewayAddress,
    trust: secure ? 'ca-roots' : 'none',
    outcome: { status, httpVersion: secure ? '2' : '1.1', headers: { server: 'istio-envoy' }, body },
  };
}

function tlsProbe(
  name: string,
  seconds: number,
  chain: readonly CertificateFacts[],
  authorizationError: string | null,
): TlsProbe {
  return {
    kind: 'tls',
    name,
    at: after(seconds),
    durationMs: 30,
    address: gatewayAddress,
    port: 443,
    serverName: host,
    trust: authorizationError === null ? 'ca-roots' : 'foreign-root',
    outcome: {
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      alpn: 'h2',
      authorized: authorizationError === null,
      authorizationError,
      chain: [...chain],
      stapledOcsp: false,
    },
  };
}

/** @param chain what the browser built, root last; null for the control, which trusts nothing */
function browserProbe(name: string, seconds: number, chain: readonly CertificateFacts[] | null): BrowserProbe {
  const common = {
    kind: 'browser' as const,
    name,
    at: after(seconds),
    durationMs: 1_100,
    url: `https://${host}/`,
    browser: 'Chromium 156.0.8078.79',
  };
  const [leaf] = chain ?? [];
  if (chain === null || leaf === undefined) {
    const code = 'ERR_CERT_AUTHORITY_INVALID';
    return { ...common, trust: 'none', outcome: { error: `net::${code} at https://${host}/`, code } };
  }
  return {
    ...common,
    trust: 'ca-roots',
    outcome: {
      status: 200,
      address: gatewayAddress,
      securityState: 'secure',
      protocol: 'TLS 1.3',
      cipher: 'AES_128_GCM',
      keyExchange: 'X25519MLKEM768',
      subject: '',
      issuer: leaf.issuer.replace('CN=', ''),
      validFrom: leaf.notBefore,
      validTo: leaf.notAfter,
      chain: [...chain],
      screenshotSha256: '9b'.repeat(32),
    },
  };
}

function applicationUrl(scheme: 'http' | 'https'): string {
  return `${scheme}://${host}${applicationPaths[scheme]}`;
}

/** What go-httpbin answers to GET /get. */
function echo(url: string): string {
  return JSON.stringify({ args: {}, headers: { Host: [host] }, method: 'GET', origin: '10.231.0.1', url });
}
