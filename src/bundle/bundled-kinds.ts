import { messageOf } from '../error-message.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Resource } from '../kube/discovery.ts';

/** The API groups in a bundle: all kinds of a group, or the named ones. */
const bundledGroups: ReadonlyMap<string, 'all' | readonly string[]> = new Map<string, 'all' | readonly string[]>([
  [
    '',
    [
      ...['Pod', 'Service', 'Endpoints', 'ConfigMap', 'Secret', 'Event', 'Node', 'Namespace', 'ServiceAccount'],
      ...['ResourceQuota', 'LimitRange'],
    ],
  ],
  ['apps', ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet']],
  ['discovery.k8s.io', ['EndpointSlice']],
  ['networking.k8s.io', ['Ingress', 'IngressClass', 'NetworkPolicy']],
  ['admissionregistration.k8s.io', ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']],
  ['apiextensions.k8s.io', ['CustomResourceDefinition']],
  ['cert-manager.io', 'all'],
  ['acme.cert-manager.io', 'all'],
  ['gateway.networking.k8s.io', 'all'],
  ['gateway.networking.x-k8s.io', 'all'],
  ['networking.istio.io', 'all'],
  ['security.istio.io', 'all'],
  ['telemetry.istio.io', 'all'],
  ['extensions.istio.io', 'all'],
]);

interface GroupList {
  readonly groups: readonly {
    readonly name: string;
    readonly versions: readonly { readonly groupVersion: string }[];
    readonly preferredVersion?: { readonly groupVersion: string };
  }[];
}

interface ResourceList {
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs?: readonly string[];
  }[];
}

/** What an API server has of what belongs into a bundle. */
interface BundledKinds {
  readonly kinds: readonly Resource[];
  /** All its API groups, with their versions. */
  readonly groups: Readonly<Record<string, string[]>>;
}

/**
 * The kinds of an API server that belong into a bundle, each in the version that the server prefers of those that have
 * it, and all its API groups. A version that cannot be asked for is one sentence more for `onProblem`.
 *
 * @throws KubeError if the API server does not list its groups
 */
export async function bundledKinds(
  kube: KubeClient,
  signal: AbortSignal,
  onProblem: (sentence: string) => void,
): Promise<BundledKinds> {
  const call = { what: 'list the API groups', path: '/apis', signal };
  const { groups } = (await kube.connection.json(call)) as GroupList;
  const versions = groups.flatMap(({ name, versions, preferredVersion }) => {
    if (!bundledGroups.has(name)) return [];
    const all = versions.map(({ groupVersion }) => groupVersion);
    return preferredVersion === undefined ? all : [...new Set([preferredVersion.groupVersion, ...all])];
  });
  const kinds = new Map<string, Resource>();
  for (const apiVersion of ['v1', ...versions]) {
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    for (const resource of await kindsOf(kube, apiVersion, signal, onProblem)) {
      const wanted = bundledGroups.get(group);
      const key = `${group}/${resource.kind}`;
      if ((wanted === 'all' || wanted?.includes(resource.kind)) && !kinds.has(key)) kinds.set(key, resource);
    }
  }
  const versionsOf = (group: GroupList['groups'][number]) =>
    group.versions.map(({ groupVersion }) => groupVersion.slice(groupVersion.indexOf('/') + 1));
  return {
    kinds: [...kinds.values()],
    groups: Object.fromEntries([['', ['v1']], ...groups.map((group) => [group.name, versionsOf(group)] as const)]),
  };
}

async function kindsOf(
  kube: KubeClient,
  apiVersion: string,
  signal: AbortSignal,
  onProblem: (sentence: string) => void,
): Promise<readonly Resource[]> {
  const path = `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}`;
  try {
    const list = await kube.connection.json({ what: `list the kinds of ${apiVersion}`, path, signal });
    return (list as ResourceList).resources
      .filter(({ name, verbs }) => !name.includes('/') && (verbs?.includes('list') ?? true))
      .map(({ name, kind, namespaced }) => ({ apiVersion, kind, plural: name, namespaced }));
  } catch (error) {
    signal.throwIfAborted();
    onProblem(messageOf(error));
    return [];
  }
}
