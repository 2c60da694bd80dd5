import type { KubeClient } from '../../kube/client.ts';
import type { ResourceName } from '../../kube/discovery.ts';
import { KubeError } from '../../kube/kube-error.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { type MeshAccessLog, meshAccessLog } from '../access-log/mesh-access-log.ts';

const defaultRootNamespace = 'istio-system';
/** Istio's versions of its kinds, the newest first. */
const telemetryVersions = ['telemetry.istio.io/v1', 'telemetry.istio.io/v1alpha1'];
const envoyFilterVersions = ['networking.istio.io/v1alpha3'];

/** What is asked of an API server, or of what was saved of one. */
export interface MeshApi extends Pick<KubeClient, 'get' | 'list'> {
  /** Finds undefined for a kind that there is not. */
  readonly discovery: { find(kind: ResourceName): Promise<unknown> };
}

export interface GatewayPods {
  readonly namespace: string;
  /** Selects its Pods. */
  readonly selector: Readonly<Record<string, string>>;
}

/**
 * Reads where the access log of a gateway goes from the objects that decide it. What the user may not read, or the API server
 * does not have, is left out: the result is then `unknown`.
 *
 * @param apis the API servers of the mesh: that of its control plane first, then that of its gateway
 * @throws KubeError if an API server does not answer
 */
export async function readMeshAccessLog(
  apis: readonly [MeshApi, ...MeshApi[]],
  { namespace, selector }: GatewayPods,
  signal?: AbortSignal,
): Promise<MeshAccessLog> {
  const data = apis.at(-1) ?? apis[0];
  const labelSelector = Object.entries(selector)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
  const [pod] = await readable(
    () => data.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector }, signal),
    [],
  );
  const labels = pod?.metadata.labels ?? selector;
  const revision = labels['istio.io/rev'];
  const mesh = await meshYaml(apis, namespace, revision, signal);
  const rootNamespace = /^rootNamespace:\s*["']?([a-z0-9-]+)/m.exec(mesh ?? '')?.[1] ?? defaultRootNamespace;
  const of = async (versions: readonly string[], kind: string) =>
    (
      await Promise.all(
        [...new Set([namespace, rootNamespace])].flatMap((each) =>
          apis.map((api) => firstServed(api, versions, { kind, namespace: each }, signal)),
        ),
      )
    ).flat();
  const [telemetries, envoyFilters] = await Promise.all([
    of(telemetryVersions, 'Telemetry'),
    of(envoyFilterVersions, 'EnvoyFilter'),
  ]);
  return meshAccessLog({ mesh, telemetries, envoyFilters }, { namespace, labels, rootNamespace });
}

/** The key `mesh` of istiod's ConfigMap, which is named for its revision. */
async function meshYaml(
  apis: readonly MeshApi[],
  namespace: string,
  revision: string | undefined,
  signal?: AbortSignal,
): Promise<string | null> {
  const names = revision === undefined || revision === 'default' ? ['istio'] : [`istio-${revision}`, 'istio'];
  for (const api of apis) {
    for (const name of names) {
      for (const each of new Set([defaultRootNamespace, namespace])) {
        const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: each, name };
        const found = await readable(() => api.get(ref, signal), undefined);
        const mesh = dataOf(found).mesh;
        if (typeof mesh === 'string') return mesh;
      }
    }
  }
  return null;
}

function dataOf(object: KubeObject | undefined): { readonly mesh?: unknown } {
  const data = object?.data;
  return typeof data === 'object' && data !== null ? data : {};
}

async function firstServed(
  api: MeshApi,
  versions: readonly string[],
  { kind, namespace }: { readonly kind: string; readonly namespace: string },
  signal?: AbortSignal,
): Promise<readonly KubeObject[]> {
  for (const apiVersion of versions) {
    if ((await api.discovery.find({ apiVersion, kind })) === undefined) continue;
    return await readable(() => api.list({ apiVersion, kind, namespace }, signal), []);
  }
  return [];
}

/** What the API server answers, or something else if the user may not read it. */
async function readable<Result>(read: () => Promise<Result>, otherwise: Result): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return otherwise;
    throw error;
  }
}
