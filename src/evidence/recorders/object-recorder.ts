import type { KubeClient } from '../../kube/client.ts';
import type { Resource, ResourceName } from '../../kube/discovery.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { until } from '../../kube/until.ts';
import type { ResourceWatch, WatchProblem } from '../../kube/watch.ts';
import type { ObjectHistory } from '../evidence.ts';
import { redactObject } from '../redaction.ts';
import { ObjectHistories, type ObjectSlice } from './object-histories.ts';

/** The kinds of objects that take part in an issuance and in serving its certificate. */
export const recordedKinds: readonly Resource[] = [
  kind('cert-manager.io/v1', 'Issuer', 'issuers'),
  kind('cert-manager.io/v1', 'ClusterIssuer', 'clusterissuers', false),
  kind('cert-manager.io/v1', 'Certificate', 'certificates'),
  kind('cert-manager.io/v1', 'CertificateRequest', 'certificaterequests'),
  kind('acme.cert-manager.io/v1', 'Order', 'orders'),
  kind('acme.cert-manager.io/v1', 'Challenge', 'challenges'),
  kind('v1', 'Secret', 'secrets'),
  kind('v1', 'Pod', 'pods'),
  kind('v1', 'Service', 'services'),
  kind('networking.k8s.io/v1', 'Ingress', 'ingresses'),
  kind('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', false),
  kind('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes'),
  kind('gateway.networking.k8s.io/v1', 'Gateway', 'gateways'),
  kind('gateway.networking.k8s.io/v1', 'ListenerSet', 'listenersets'),
  kind('networking.istio.io/v1', 'Gateway', 'gateways'),
  kind('networking.istio.io/v1', 'VirtualService', 'virtualservices'),
  kind('networking.istio.io/v1', 'DestinationRule', 'destinationrules'),
  kind('security.istio.io/v1', 'PeerAuthentication', 'peerauthentications'),
  kind('v1', 'Event', 'events'),
];

export interface ObjectRecorderOptions {
  /** The namespaces to watch if the kubeconfig's user may not watch all; all by default. */
  readonly namespaces?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What scenarios wait for, each by a watch of its own, which can be ahead of the recorder's. */
const awaitedKinds: readonly string[] = ['Certificate', 'CertificateRequest', 'Order', 'Challenge', 'Secret'];

/**
 * Records every state of every object of an issuance, redacted, also of those that are deleted again. One recorder
 * serves a whole run: each scenario takes its slice, so that scenarios side by side do not multiply watches.
 */
export class ObjectRecorder implements AsyncDisposable {
  readonly #histories = new ObjectHistories();
  readonly #watches: readonly ResourceWatch[];
  readonly #started: Promise<void>;

  constructor(client: KubeClient, { namespaces, signal }: ObjectRecorderOptions = {}) {
    const options = {
      // Before it is kept anywhere, so that no key of a Secret stays in memory either.
      project: redactObject,
      onEvent: this.#histories.record.bind(this.#histories),
      ...(signal === undefined ? {} : { signal }),
    };
    this.#watches = recordedKinds.flatMap(({ namespaced, ...name }) =>
      namespaced && namespaces !== undefined
        ? namespaces.map((namespace) => client.watch({ ...name, namespace }, options))
        : [client.watch(name, options)],
    );
    this.#started = Promise.all(this.#watches.map((watch) => watch.listed)).then(() => undefined);
  }

  /** Resolves once the existing objects of every kind are recorded, except kinds that cannot be seen, see {@link problems}. */
  get started(): Promise<void> {
    return this.#started;
  }

  /**
   * Waits until the recorder has seen what the API server has in a namespace now, of the kinds that scenarios wait for. Where the API
   * server does not answer, there is nothing to wait for, and {@link problems} says why.
   *
   * @throws TimeoutError, with what was last seen
   */
  async caughtUp(client: KubeClient, namespace: string, withinMs: number): Promise<void> {
    await Promise.all(
      this.#watches
        .filter(
          (watch) =>
            awaitedKinds.includes(watch.selection.kind ?? '') &&
            [undefined, namespace].includes(watch.selection.namespace) &&
            watch.isListed,
        )
        .map((watch) => watchCaughtUp(watch, client, namespace, withinMs)),
    );
  }

  slice(slice: ObjectSlice = {}): ObjectHistory[] {
    return this.#histories.slice(slice);
  }

  /**
   * What the recorder could not see in a period, one sentence each, and what the kubeconfig's user may not see at any time. A kind
   * that the API server does not have is not a problem.
   */
  problems({ since, until }: Pick<ObjectSlice, 'since' | 'until'> = {}): string[] {
    const concerns = ({ kind, at }: WatchProblem) =>
      kind === 'refused' ||
      kind === 'failed' ||
      (kind !== 'absent' && (since === undefined || at >= since) && (until === undefined || at <= until));
    const inside = this.#watches.flatMap((watch) => watch.problems.filter(concerns));
    return [...new Set(inside.map(({ message }) => message))];
  }

  /** The watch of a recorded kind, to wait on; its objects are redacted. */
  watchOf({ apiVersion, kind }: Required<Pick<ResourceName, 'apiVersion' | 'kind'>>): ResourceWatch | undefined {
    return this.#watches.find(({ selection }) => selection.apiVersion === apiVersion && selection.kind === kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch[Symbol.asyncDispose]()));
  }
}

async function watchCaughtUp(
  watch: ResourceWatch,
  client: KubeClient,
  namespace: string,
  withinMs: number,
): Promise<void> {
  const deleted = new Set<string | undefined>();
  // From before the list on, so that what is deleted after it is not waited for.
  using _ = watch.subscribe({
    onEvent: ({ change, object }) => change === 'deleted' && deleted.add(object.metadata.uid),
  });
  const { apiVersion, kind } = watch.selection;
  const present = await client
    .list({ ...watch.selection, namespace }, AbortSignal.timeout(withinMs))
    .catch((): readonly KubeObject[] => []);
  const isSeen = (objects: readonly KubeObject[], { metadata: { uid, resourceVersion } }: KubeObject) =>
    deleted.has(uid) ||
    objects.some(({ metadata }) => metadata.uid === uid && !isOlder(metadata.resourceVersion, resourceVersion));
  await until(watch, (objects) => present.every((object) => isSeen(objects, object)) || undefined, {
    ...{ what: `the recording of ${kind ?? apiVersion} in ${namespace} to catch up`, withinMs },
  });
}

/** API servers count up (KEP 5504); another version that is not a number is not older. */
function isOlder(one = '', other = ''): boolean {
  return /^\d+$/.test(one) && /^\d+$/.test(other) && BigInt(one) < BigInt(other);
}

function kind(apiVersion: string, name: string, plural: string, namespaced = true): Resource {
  return { apiVersion, kind: name, plural, namespaced };
}
