import type { Probe } from '../evidence/evidence.ts';
import { ApiServerFixture } from '../kube/api-server-fixture.ts';
import { KubeClient } from '../kube/client.ts';
import type { Resource } from '../kube/discovery.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { gather, type TraceRequest } from './gather.ts';
import { liveCluster } from './live-cluster.ts';
import type { Outside } from './outside.ts';

function resource(apiVersion: string, kind: string, plural: string, namespaced = true): Resource {
  return { apiVersion, kind, plural, namespaced };
}

export const coreResources = [
  resource('v1', 'Pod', 'pods'),
  resource('v1', 'Service', 'services'),
  resource('v1', 'Secret', 'secrets'),
  resource('v1', 'ConfigMap', 'configmaps'),
  resource('networking.k8s.io/v1', 'Ingress', 'ingresses'),
  resource('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', false),
];
export const certManagerResources = [
  resource('cert-manager.io/v1', 'Certificate', 'certificates'),
  resource('cert-manager.io/v1', 'CertificateRequest', 'certificaterequests'),
  resource('cert-manager.io/v1', 'Issuer', 'issuers'),
  resource('cert-manager.io/v1', 'ClusterIssuer', 'clusterissuers', false),
  resource('acme.cert-manager.io/v1', 'Order', 'orders'),
  resource('acme.cert-manager.io/v1', 'Challenge', 'challenges'),
];
export const istioResources = [
  resource('networking.istio.io/v1', 'Gateway', 'gateways'),
  resource('networking.istio.io/v1', 'VirtualService', 'virtualservices'),
  resource('networking.istio.io/v1', 'DestinationRule', 'destinationrules'),
];
export const gatewayApiResources = [
  resource('gateway.networking.k8s.io/v1', 'Gateway', 'gateways'),
  resource('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes'),
];
export const allResources = [...coreResources, ...certManagerResources, ...istioResources, ...gatewayApiResources];

export const gatewayAddress = '198.51.100.7';
export const fixtureToken = 'token-of-the-challenge';

interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export function object(
  apiVersion: string,
  kind: string,
  name: string,
  more: Readonly<Record<string, unknown>> & {
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly owner?: Owner;
  } = {},
): KubeObject & Owner {
  const { namespace = 'apps', labels, annotations, owner, ...rest } = more;
  const uid = `${kind}-${namespace}-${name}`;
  const metadata = {
    ...{ name, namespace, uid, creationTimestamp: new Date(Date.now() - 60_000).toISOString() },
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(owner === undefined
      ? {}
      : { ownerReferences: [{ apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, uid: owner.uid }] }),
  };
  return { apiVersion, kind, metadata, name, uid, ...rest };
}

/** Stores a Pod of a gateway, and the Service that leads to it. */
export function putGateway(
  server: ApiServerFixture,
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  ip = gatewayAddress,
): void {
  server.put(object('v1', 'Pod', `${name}-1`, { namespace, labels }));
  server.put(
    object('v1', 'Service', name, {
      namespace,
      spec: { type: 'LoadBalancer', selector: labels },
      status: { loadBalancer: { ingress: [{ ip }] } },
    }),
  );
}

export interface Wanted {
  readonly dnsNames?: readonly string[];
  readonly issuerKind?: 'Issuer' | 'ClusterIssuer';
  readonly type?: 'HTTP-01' | 'DNS-01';
  /** Of the Challenge. */
  readonly solver?: Readonly<Record<string, unknown>>;
}

/** Stores an issuance whose Challenge waits, from the Issuer down to the Challenge. */
export function putWaitingIssuance(
  server: ApiServerFixture,
  { dnsNames = ['a.test'], issuerKind = 'Issuer', type = 'HTTP-01', solver = { http01: { ingress: {} } } }: Wanted = {},
): void {
  const issuer = { spec: { acme: { server: 'https://ca.test/dir' } }, status: ready('True') };
  server.put(object('cert-manager.io/v1', issuerKind, 'acme', issuer));
  const certificate = object('cert-manager.io/v1', 'Certificate', 'cert', {
    spec: { dnsNames, secretName: 'cert-tls', issuerRef: { name: 'acme', kind: issuerKind } },
    status: ready('False'),
  });
  server.put(certificate);
  const request = object('cert-manager.io/v1', 'CertificateRequest', 'cert-1', { owner: certificate });
  server.put(request);
  const order = object('acme.cert-manager.io/v1', 'Order', 'cert-1-2', {
    owner: request,
    status: { state: 'pending' },
  });
  server.put(order);
  for (const [index, name] of dnsNames.entries()) {
    server.put(
      object('acme.cert-manager.io/v1', 'Challenge', `cert-1-2-${index}`, {
        owner: order,
        spec: {
          dnsName: name.replace(/^\*\./, ''),
          type,
          token: fixtureToken,
          solver,
          wildcard: name.startsWith('*.'),
        },
        status: { state: 'pending', presented: true, reason: `Waiting for ${type} challenge propagation: something` },
      }),
    );
  }
}

function ready(status: string): { conditions: unknown[] } {
  return { conditions: [{ type: 'Ready', status, reason: 'Test', message: 'as the test says' }] };
}

/** A fake outside with one fixed answer, which records its requests. */
export class OutsideFixture implements Outside {
  readonly asked: string[] = [];
  records: readonly string[] = [gatewayAddress];

  async dns({ name, host, type, servers }: Parameters<Outside['dns']>[0]) {
    this.asked.push(`${type} ${host}`);
    const outcome = type === 'A' ? { records: [...this.records] } : { error: `query${type} ENODATA`, code: 'ENODATA' };
    return { kind: 'dns' as const, name, host, type, servers, ...when, outcome };
  }

  async http({ name, url, address = '', trust }: Parameters<Outside['http']>[0]) {
    this.asked.push(`${url} at ${address}`);
    const outcome = { status: 404, httpVersion: '1.1' as const, headers: {}, body: '' };
    return { kind: 'http' as const, name, url, address, trust, ...when, outcome };
  }

  async tls({ name, address, port, serverName, trust }: Parameters<Outside['tls']>[0]) {
    this.asked.push(`TLS ${serverName} at ${address}`);
    const outcome = { error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };
    return { kind: 'tls' as const, name, address, port, serverName, trust, ...when, outcome };
  }
}

const when = { at: '2026-11-24T09:00:00.000Z', durationMs: 1 };

/** A cluster to trace in, with the client of a user. */
export class ClusterFixture implements AsyncDisposable {
  readonly server: ApiServerFixture;
  readonly kube: KubeClient;
  readonly outside = new OutsideFixture();

  private constructor(server: ApiServerFixture, kube: KubeClient) {
    this.server = server;
    this.kube = kube;
  }

  static async start(resources: readonly Resource[] = allResources): Promise<ClusterFixture> {
    const server = await ApiServerFixture.start(...resources);
    return new ClusterFixture(server, await KubeClient.open(server.kubeconfig));
  }

  gather(more: Partial<TraceRequest> = {}) {
    const { outside } = this;
    const cluster = liveCluster(this.kube);
    const signal = new AbortController().signal;
    return gather({
      ...{ cluster, outside, signal, namespace: 'apps', name: 'cert', nameServers: ['198.51.100.53'], caRoots: [] },
      ...more,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kube[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

export function namesOf(probes: readonly Probe[]): string[] {
  return probes.map(({ name }) => name);
}
