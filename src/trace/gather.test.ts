import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { diagnose } from '../diagnosis/diagnose.ts';
import { parseGivenFormat } from '../evidence/access-log/given-format.ts';
import { KubeClient, preloadKubeClient } from '../kube/client.ts';
import {
  ClusterFixture,
  certManagerResources,
  coreResources,
  fixtureToken,
  gatewayAddress,
  gatewayApiResources,
  istioResources,
  namesOf,
  object,
  putGateway,
  putWaitingIssuance,
} from './cluster-fixture.ts';
import { liveCluster } from './live-cluster.ts';

let cluster: ClusterFixture;

async function restart(...parameters: Parameters<typeof ClusterFixture.start>): Promise<void> {
  await cluster[Symbol.asyncDispose]();
  cluster = await ClusterFixture.start(...parameters);
}

// Half a second, and more on a busy machine.
beforeAll(preloadKubeClient, 60_000);

beforeEach(async () => {
  cluster = await ClusterFixture.start();
  // The gateway's log and configuration are there for whoever may read them.
  cluster.server.logLines.set('istio-system/istio-ingressgateway-1/istio-proxy', []);
  cluster.server.onExec = (exec) => {
    exec.write('stdout', JSON.stringify({ configs: [] }));
    exec.end(0);
  };
});

afterEach(() => cluster[Symbol.asyncDispose]());

function putDefaultGateway(): void {
  putGateway(cluster.server, 'istio-system', 'istio-ingressgateway', { istio: 'ingressgateway' });
}

describe("the gateway's access log", () => {
  const inMesh = (mesh: string) =>
    cluster.server.put(object('v1', 'ConfigMap', 'istio', { namespace: 'istio-system', data: { mesh } }));
  const log = (...lines: readonly string[]) =>
    cluster.server.logLines.set('istio-system/istio-ingressgateway-1/istio-proxy', [...lines]);
  const line = `a.test|GET /.well-known/acme-challenge/${fixtureToken}|404|agent`;

  beforeEach(() => {
    putDefaultGateway();
    putWaitingIssuance(cluster.server);
  });

  test("is read in the mesh's own format", async () => {
    inMesh(
      "accessLogFile: /dev/stdout\naccessLogFormat: '%REQ(:AUTHORITY)%|%REQ(:METHOD)% %REQ(:PATH)%|%RESPONSE_CODE%|%REQ(USER-AGENT)%'",
    );
    log(`2026-11-27T10:00:00.000000000Z ${line}`);
    const { accessLog, problems } = await cluster.gather();
    expect(accessLog).toMatchObject([{ authority: 'a.test', status: 404, userAgent: 'agent' }]);
    expect(problems).toEqual([]);
  });

  test('is read in a given format', async () => {
    log(`2026-11-27T10:00:00.000000000Z ${line}`);
    const format = parseGivenFormat('%REQ(:AUTHORITY)%|%REQ(:METHOD)% %REQ(:PATH)%|%RESPONSE_CODE%|%REQ(USER-AGENT)%');
    expect((await cluster.gather({ accessLogFormats: [format] })).accessLog).toHaveLength(1);
  });

  test.for([
    ['accessLogFile: ""', 'it is off (meshConfig.accessLogFile is empty). Set meshConfig.accessLogFile to /dev/stdout'],
    ['accessLogFile: /var/log/a', "writes it to the file /var/log/a in the gateway's Pods. Add a second access log"],
    ['accessLogFile: /dev/stdout', "no known format reads its 1 lines. Give the log's format with --access-log-format"],
  ] as const)('says what to switch on with %s', async ([mesh, words]) => {
    inMesh(mesh);
    log(...(mesh.endsWith('stdout') ? [`2026-11-27T10:00:00.000000000Z ${line}`] : []));
    expect((await cluster.gather()).problems.filter((problem) => problem.includes(words))).toHaveLength(1);
  });

  test('connections without a request are no unreadable lines', async () => {
    inMesh('accessLogFile: /dev/stdout');
    const connection = '"- - -" 0 - - - "-" 0 0 0 - "-" "-" "-" "-" "-" - - 10.0.0.1:8080 10.0.0.2:1234 - -';
    log(`2026-11-27T10:00:00.000000000Z [2026-11-27T10:00:00.000Z] ${connection}`);
    const { problems } = await cluster.gather();
    expect(problems.filter((problem) => problem.endsWith("is in the gateway's log: none arrived."))).toHaveLength(1);
  });
});

describe('gather', () => {
  test('sees an issuance whole: its objects, its gateway, and the host from outside', async () => {
    putDefaultGateway();
    putWaitingIssuance(cluster.server);
    const gathered = await cluster.gather();
    expect(gathered.subject).toEqual({
      host: 'a.test',
      issuer: { namespace: 'apps', name: 'acme' },
      certificate: { namespace: 'apps', name: 'cert' },
      secret: { namespace: 'apps', name: 'cert-tls' },
      solver: 'ingress',
      gateway: { namespace: 'istio-system', name: 'istio-ingressgateway' },
      application: { service: '', port: 0 },
    });
    expect(namesOf(gathered.probes)).toEqual([
      'diagnosis-dns',
      'diagnosis-dns',
      'diagnosis-challenge-path',
      'diagnosis-tls',
    ]);
    expect(cluster.outside.asked.filter((each) => !/^(?:CNAME|CAA|NS) /.test(each))).toEqual([
      'A a.test',
      'AAAA a.test',
      `http://a.test/.well-known/acme-challenge/${fixtureToken} at ${gatewayAddress}`,
      `TLS a.test at ${gatewayAddress}`,
    ]);
    expect(gathered.gatewayConfigs.map(({ pod }) => pod)).toEqual(['istio-system/istio-ingressgateway-1']);
    expect(gathered.problems).toEqual([
      "No request for a.test is in the gateway's log: none arrived, or its access log is off (meshConfig.accessLogFile).",
    ]);
    expect(diagnose(gathered).rule).toBe('challenge-waits');
  });

  test('changes nothing', async () => {
    putDefaultGateway();
    putWaitingIssuance(cluster.server);
    await cluster.gather();
    expect(cluster.server.requests.filter((request) => !/^(?:GET|UPGRADE) /.test(request))).toEqual([]);
  });

  test('reads Secrets by name only, those of the Certificate and of Gateways for the host, and keeps no key of them', async () => {
    putDefaultGateway();
    putWaitingIssuance(cluster.server);
    const gateway = (name: string, hosts: readonly string[], credentialName: string) =>
      cluster.server.put(
        object('networking.istio.io/v1', 'Gateway', name, {
          spec: { servers: [{ hosts, port: { number: 443 }, tls: { mode: 'SIMPLE', credentialName } }] },
        }),
      );
    gateway('wild', ['apps/*.test'], 'wild-tls');
    gateway('other', ['b.example'], 'other-tls');
    cluster.server.put(
      object('gateway.networking.k8s.io/v1', 'Gateway', 'api', {
        spec: { listeners: [{ hostname: 'a.test', tls: { certificateRefs: [{ name: 'api-tls' }] } }] },
      }),
    );
    const secret = { data: { 'tls.key': Buffer.from('the-private-key').toString('base64') } };
    cluster.server.put(object('v1', 'Secret', 'cert-tls', secret));
    const gathered = await cluster.gather();
    expect(cluster.server.requests.filter((request) => request.includes('/secrets')).toSorted()).toEqual([
      'GET /api/v1/namespaces/apps/secrets/api-tls',
      'GET /api/v1/namespaces/apps/secrets/cert-tls',
      'GET /api/v1/namespaces/istio-system/secrets/wild-tls',
    ]);
    expect(gathered.objects.some(({ kind, name }) => kind === 'Secret' && name === 'cert-tls')).toBe(true);
    expect(JSON.stringify(gathered)).not.toContain(Buffer.from('the-private-key').toString('base64'));
    expect(JSON.stringify(gathered)).not.toContain('the-private-key');
  });

  test('finds a ClusterIssuer where there is no namespace', async () => {
    putWaitingIssuance(cluster.server, { issuerKind: 'ClusterIssuer' });
    const gathered = await cluster.gather();
    expect(gathered.subject.issuer).toEqual({ namespace: '', name: 'acme' });
    expect(cluster.server.requests).toContain('GET /apis/cert-manager.io/v1/clusterissuers/acme');
    expect(gathered.objects.some(({ kind }) => kind === 'ClusterIssuer')).toBe(true);
  });

  test('for a wildcard looks at a name below it', async () => {
    putWaitingIssuance(cluster.server, {
      dnsNames: ['*.a.test'],
      type: 'DNS-01',
      solver: { dns01: { rfc2136: { nameserver: '198.51.100.53' } } },
    });
    cluster.server.put(
      object('acme.cert-manager.io/v1', 'Challenge', 'cert-1-2-0', {
        owner: { apiVersion: 'acme.cert-manager.io/v1', kind: 'Order', name: 'cert-1-2', uid: 'Order-apps-cert-1-2' },
        spec: { dnsName: 'a.test', type: 'DNS-01', wildcard: true, solver: { dns01: {} } },
        status: { state: 'valid' },
      }),
    );
    const { subject, probes } = await cluster.gather();
    expect([subject.host, subject.solver]).toEqual(['padlock.a.test', 'dns01']);
    expect(namesOf(probes)).not.toContain('diagnosis-challenge-path');
  });

  test('a DNS-01 Challenge has no path to be asked', async () => {
    putWaitingIssuance(cluster.server, { type: 'DNS-01', solver: { dns01: { rfc2136: {} } } });
    const { subject, probes } = await cluster.gather();
    expect(subject.solver).toBe('dns01');
    expect(namesOf(probes)).toEqual(['diagnosis-dns', 'diagnosis-dns', 'diagnosis-tls']);
  });

  test('of several names looks at the one whose Challenge waits', async () => {
    putWaitingIssuance(cluster.server, { dnsNames: ['a.test', 'b.test'] });
    const valid = await cluster.kube.get({
      ...{ apiVersion: 'acme.cert-manager.io/v1', kind: 'Challenge', namespace: 'apps', name: 'cert-1-2-0' },
    });
    if (valid !== undefined) cluster.server.put({ ...valid, status: { state: 'valid' } });
    expect((await cluster.gather()).subject.host).toBe('b.test');
  });

  test("another Certificate's Challenge for the same host is none of its own", async () => {
    putWaitingIssuance(cluster.server);
    cluster.server.put(
      object('acme.cert-manager.io/v1', 'Challenge', 'zz-of-another', {
        spec: {
          dnsName: 'a.test',
          type: 'HTTP-01',
          token: 'another-token',
          solver: { http01: { gatewayHTTPRoute: {} } },
        },
        status: { state: 'pending' },
      }),
    );
    const { subject } = await cluster.gather();
    expect(subject.solver).toBe('ingress');
    expect(cluster.outside.asked.join()).not.toContain('another-token');
  });

  test('a certificate for IP addresses alone has no host to be looked at', async () => {
    cluster.server.put(
      object('cert-manager.io/v1', 'Certificate', 'cert', {
        spec: { ipAddresses: ['192.0.2.1'], secretName: 'cert-tls', issuerRef: { name: 'acme' } },
      }),
    );
    expect((await cluster.gather()).probes).toEqual([]);
    expect(cluster.outside.asked).toEqual([]);
  });

  test("a name without an address is looked at by the gateway's, and not at all without either", async () => {
    putWaitingIssuance(cluster.server);
    cluster.outside.records = [];
    expect(namesOf((await cluster.gather()).probes)).toEqual(['diagnosis-dns', 'diagnosis-dns']);
    putDefaultGateway();
    await cluster.gather();
    expect(cluster.outside.asked.at(-1)).toBe(`TLS a.test at ${gatewayAddress}`);
  });
});

describe('what cannot be traced', () => {
  test('a cluster without cert-manager', async () => {
    await restart([...coreResources, ...istioResources]);
    await expect(cluster.gather()).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 3,
      message: expect.stringMatching(
        /^The cluster at http:\S+ has no cert-manager \(no kind Certificate in cert-manager\.io\/v1\)\. /,
      ),
    });
  });

  test('a Certificate that is not there', async () => {
    await expect(cluster.gather()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^The cluster at http:\S+ has no Certificate cert in the namespace apps\.$/),
    });
  });

  test('a Certificate that the user may not see', async () => {
    putWaitingIssuance(cluster.server);
    cluster.server.forbid('get', 'certificates');
    await expect(cluster.gather()).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(
        /^Could not get Certificate apps\/cert: the API server says: .* \(403 Forbidden\)\.$/,
      ),
    });
  });

  test('an API server that does not answer', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const text = cluster.server.kubeconfig.text.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);
    await using kube = await KubeClient.open({ text });
    await expect(cluster.gather({ cluster: liveCluster(kube) })).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(
        /^Could not list the kinds of cert-manager\.io\/v1: no answer from the API server at \S+ \(connect ECONNREFUSED \S+\)\.$/,
      ),
    });
  });

  test('the signal ends it', async () => {
    putWaitingIssuance(cluster.server);
    const signal = AbortSignal.abort(new Error('interrupted'));
    await expect(cluster.gather({ signal })).rejects.toThrow('interrupted');
  });
});

describe('what cannot be seen is a sentence, and the trace goes on', () => {
  test('no Istio', async () => {
    await restart([...coreResources, ...certManagerResources, ...gatewayApiResources]);
    putWaitingIssuance(cluster.server);
    const { problems, subject } = await cluster.gather();
    expect(problems).toEqual([
      'The cluster has no Istio (no kind Gateway in networking.istio.io), so no Istio gateway was inspected.',
      "No Pod of a gateway could be seen, so the gateway's side was not looked at.",
    ]);
    expect(subject.host).toBe('a.test');
  });

  test.for([
    ['certificaterequests', 'CertificateRequest (cert-manager.io/v1)'],
    ['orders', 'Order (acme.cert-manager.io/v1)'],
    ['challenges', 'Challenge (acme.cert-manager.io/v1)'],
    ['pods', 'Pod (v1)'],
    ['services', 'Service (v1)'],
    ['ingresses', 'Ingress (networking.k8s.io/v1)'],
    ['ingressclasses', 'IngressClass (networking.k8s.io/v1)'],
    ['httproutes', 'HTTPRoute (gateway.networking.k8s.io/v1)'],
    ['virtualservices', 'VirtualService (networking.istio.io/v1)'],
    ['destinationrules', 'DestinationRule (networking.istio.io/v1)'],
    ['gateways', 'Gateway (networking.istio.io/v1)'],
  ] as const)('no right to list %s', async ([plural, kind]) => {
    putDefaultGateway();
    putWaitingIssuance(cluster.server);
    cluster.server.forbid('list', plural);
    const gathered = await cluster.gather();
    const told = gathered.problems.filter((problem) => problem.startsWith(`Could not list ${kind}`));
    expect(told).not.toEqual([]);
    for (const problem of told) expect(problem).toMatch(/: the API server says: .* \(403 Forbidden\)\.$/);
    expect(gathered.objects.some((each) => each.kind === 'Certificate')).toBe(true);
    expect(new Set(gathered.problems).size).toBe(gathered.problems.length);
    expect(diagnose(gathered).unseen).toEqual(gathered.problems);
  });

  test.for([
    ['issuers', 'Could not get Issuer apps/acme'],
    ['secrets', 'Could not get Secret apps/cert-tls'],
    ['services', 'Could not get Service istio-system/istio-ingressgateway'],
    ['pods/log', 'Could not read the log of container istio-proxy of Pod istio-system/istio-ingressgateway-1'],
  ] as const)('no right to get %s', async ([plural, sentence]) => {
    putDefaultGateway();
    putWaitingIssuance(cluster.server);
    cluster.server.forbid('get', plural);
    const gathered = await cluster.gather();
    expect(gathered.problems.filter((problem) => problem.startsWith(`${sentence}: `))).toHaveLength(1);
    expect(['issuer-missing', 'credential-missing']).not.toContain(diagnose(gathered).rule);
  });

  test('no right to run a command in the gateway', async () => {
    putDefaultGateway();
    putWaitingIssuance(cluster.server);
    cluster.server.onExec = undefined;
    expect((await cluster.gather()).problems).toContainEqual(
      'The configuration of the gateway Pod istio-system/istio-ingressgateway-1 could not be read (Could not run pilot-agent in container istio-proxy of Pod istio-system/istio-ingressgateway-1: it is not allowed (403 Forbidden)).',
    );
  });
});
