import type { KubeClient } from '../../src/kube/client.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';
import type { ResourceWatch } from '../../src/kube/watch.ts';

const ingresses = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' } as const;

/**
 * A stand-in for what a managed mesh does beyond upstream's istiod: it serves the Ingresses of the data plane. istiod reads those of
 * its own cluster alone, so each is copied there.
 */
export class Mirror implements AsyncDisposable {
  readonly #target: KubeClient;
  readonly #watch: ResourceWatch;
  #work: Promise<void> = Promise.resolve();

  constructor(source: KubeClient, target: KubeClient) {
    this.#target = target;
    this.#watch = source.watch(ingresses, {
      onEvent: ({ change, object }) => {
        this.#work = this.#work
          .then(() => (change === 'deleted' ? this.#remove(object) : this.#copy(object)))
          .catch((error: unknown) => {
            // A control plane that is away gets what comes once it is back.
            if (!(error instanceof KubeError && error.status === null)) throw error;
          });
      },
    });
  }

  async #copy({ apiVersion, kind, metadata: { name, namespace = '', labels, annotations }, spec }: KubeObject) {
    const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    const isThere = (await this.#target.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace })) !== undefined;
    const metadata = { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) };
    await this.#target.apply([...(isThere ? [] : [home]), { apiVersion, kind, metadata, spec }]);
  }

  async #remove({ metadata: { name, namespace = '' } }: KubeObject): Promise<void> {
    await this.#target.remove({ ...ingresses, namespace, name });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
    await this.#work;
  }
}
