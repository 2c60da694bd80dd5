import type { KubeClient } from '../../kube/client.ts';
import type { Resource, ResourceName } from '../../kube/discovery.ts';
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

function kind(apiVersion: string, name: string, plural: string, namespaced = true): Resource {
  return { apiVersion, kind: name, plural, namespaced };
}
