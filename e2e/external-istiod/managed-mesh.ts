import type { KubeClient } from '../../src/kube/client.ts';
import { type KubeObject, refOf } from '../../src/kube/kube-object.ts';
import { copyTo, Mirror, type Reaction } from './mirror.ts';

const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' } as const;
const group = 'gateway.networking.k8s.io';
const gatewayClass = { apiVersion: `${group}/v1`, kind: 'GatewayClass' } as const;
const gateway = { apiVersion: `${group}/v1`, kind: 'Gateway' } as const;
const route = { apiVersion: `${group}/v1`, kind: 'HTTPRoute' } as const;
const grant = { apiVersion: `${group}/v1beta1`, kind: 'ReferenceGrant' } as const;

interface Sides {
  readonly data: KubeClient;
  readonly control: KubeClient;
}

/**
 * A stand-in for what a managed mesh does beyond upstream's istiod: it serves the Ingresses and the Gateway API of the data plane.
 * istiod reads those of its own cluster alone, so each is copied there, and what istiod says of it is copied back.
 */
export function managedMesh(data: KubeClient, control: KubeClient): Mirror {
  const sides = { data, control };
  return new Mirror([
    copied(sides, ingress, []),
    copied(sides, grant, []),
    // istiod asks for the Services of routes in its own cluster, before it takes their endpoints in the data plane, and it reads the
    // Secrets of Gateway API gateways there alone.
    copied(sides, route, ['Service']),
    copied(sides, gateway, ['Secret'], (object) => data.apply(deployed(object)).then(() => {})),
    {
      source: data,
      apiVersion: 'v1',
      kind: 'Secret',
      async changed(secret) {
        const { name, namespace = '' } = secret.metadata;
        const copy = { apiVersion: 'v1', kind: 'Secret', name, namespace };
        const isTls = secret.type === 'kubernetes.io/tls' && namespace !== 'istio-system';
        if (isTls && (await control.get(copy)) !== undefined) await copyTo(control, secret);
      },
    },
    statusBack(sides, route),
    statusBack(sides, gateway),
    {
      ...gatewayClass,
      source: control,
      async changed(object) {
        await copyTo(data, object);
        await copyStatus(data, object);
      },
    },
  ]);
}

/** Copies the objects of a kind, and what they refer to, to the control plane. */
function copied(
  { data, control }: Sides,
  kind: Pick<Reaction, 'apiVersion' | 'kind'>,
  withReferred: readonly ('Service' | 'Secret')[],
  then: (object: KubeObject) => Promise<void> = async () => {},
): Reaction {
  const done = new Map<unknown, unknown>();
  return {
    ...kind,
    source: data,
    async changed(object) {
      // Not again for its status.
      const { uid, generation } = object.metadata;
      if (done.get(uid) === generation) return;
      for (const referred of withReferred) {
        for (const name of namesIn(object, referred)) {
          const found = await data.get({
            ...{ apiVersion: 'v1', kind: referred, name },
            namespace: object.metadata.namespace ?? '',
          });
          if (found !== undefined) await copyTo(control, referred === 'Service' ? withoutEndpoints(found) : found);
        }
      }
      await copyTo(control, object);
      await then(object);
      done.set(uid, generation);
    },
    async deleted(object) {
      await control.remove(refOf(object));
    },
  };
}

function statusBack({ data, control }: Sides, kind: Pick<Reaction, 'apiVersion' | 'kind'>): Reaction {
  return { ...kind, source: control, changed: (object) => copyStatus(data, object) };
}

/** What istiod says of the copy, said of the original. */
async function copyStatus(target: KubeClient, copy: KubeObject): Promise<void> {
  if (copy.status === undefined) return;
  const original = await target.get(refOf(copy));
  const ofOriginal = (key: string, value: unknown) =>
    key === 'observedGeneration' && value === copy.metadata.generation ? original?.metadata.generation : value;
  const status = JSON.parse(JSON.stringify(copy.status, ofOriginal)) as Record<string, unknown>;
  if (original !== undefined && JSON.stringify(original.status) !== JSON.stringify(status)) {
    await target.patchStatus(refOf(copy), status);
  }
}

/** What is read here of a Gateway. */
interface GatewaySpec {
  readonly gatewayClassName: string;
  readonly listeners: readonly {
    readonly name: string;
    readonly port: number;
    readonly tls?: { readonly certificateRefs?: readonly { readonly name: string }[] };
  }[];
}

/** What is read here of an HTTPRoute. */
interface RouteSpec {
  readonly rules?: readonly { readonly backendRefs?: readonly { readonly name: string }[] }[];
}

/** The names of the Services of an HTTPRoute, or of the Secrets of a Gateway. */
function namesIn({ spec }: KubeObject, kind: 'Service' | 'Secret'): readonly string[] {
  const referred =
    kind === 'Service'
      ? ((spec as RouteSpec).rules ?? []).flatMap(({ backendRefs = [] }) => backendRefs)
      : (spec as GatewaySpec).listeners.flatMap(({ tls }) => tls?.certificateRefs ?? []);
  return [...new Set(referred.map(({ name }) => name))];
}

/** A Service that no Pod of its own cluster belongs to. */
function withoutEndpoints(service: KubeObject): KubeObject {
  const { ports } = service.spec as { ports: readonly { name?: string; port: number }[] };
  return { ...service, spec: { ports: ports.map(({ name, port }) => ({ ...(name && { name }), port })) } };
}

/**
 * The Pods and the Service of a Gateway, as istiod names and labels those that it deploys in its own cluster. The Pods are
 * injected, as for a gateway that is deployed by hand.
 */
function deployed({ apiVersion, kind, metadata, spec }: KubeObject): readonly KubeObject[] {
  const { gatewayClassName, listeners } = spec as GatewaySpec;
  const labels = { [`${group}/gateway-name`]: metadata.name };
  const own = {
    name: `${metadata.name}-${gatewayClassName}`,
    namespace: metadata.namespace ?? '',
    labels,
    ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }],
  };
  const ports = [...new Set(listeners.map(({ port }) => port))];
  return [
    // istiod gives the Secrets of a Gateway to Pods of this ServiceAccount alone.
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: own },
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: own },
      spec: {
        type: 'LoadBalancer',
        selector: labels,
        ports: [...ports.map((port) => ({ name: `tcp-${port}`, port })), { name: 'status-port', port: 15021 }],
      },
    },
    {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: own },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: {
            annotations: { 'inject.istio.io/templates': 'gateway' },
            labels: { ...labels, 'sidecar.istio.io/inject': 'true' },
          },
          spec: {
            serviceAccountName: own.name,
            terminationGracePeriodSeconds: 1,
            securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] },
            containers: [{ name: 'istio-proxy', image: 'auto' }],
          },
        },
      },
    },
  ];
}
