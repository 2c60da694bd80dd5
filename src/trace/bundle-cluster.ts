import type { BundledKind, SavedBundle } from '../bundle/index.ts';
import { messageOf } from '../error-message.ts';
import type { MeshAccessLog } from '../evidence/access-log/mesh-access-log.ts';
import type { GatewayConfig } from '../evidence/evidence.ts';
import { gatewayConfigOf } from '../evidence/recorders/gateway-config.ts';
import { type GatewayPods, readMeshAccessLog } from '../evidence/recorders/read-mesh-access-log.ts';
import type { PodLogOptions, ResourceSelection } from '../kube/client.ts';
import type { ResourceName } from '../kube/discovery.ts';
import { KubeError } from '../kube/kube-error.ts';
import { describeRef, groupOf, type KubeObject, type ObjectRef } from '../kube/kube-object.ts';
import type { TracedCluster } from './traced-cluster.ts';

/** A cluster as a bundle has it. What the bundle does not have is refused with a sentence, as by missing rights, and never taken for absent. */
export class BundleCluster implements TracedCluster {
  readonly title: string;
  readonly ifWrong = 'Check that it is the bundle of the right cluster.';
  readonly istio = null;
  readonly #bundle: SavedBundle;
  readonly #partly = new Map<string, string>();

  constructor(bundle: SavedBundle) {
    this.#bundle = bundle;
    this.title = `The bundle ${bundle.folder}`;
  }

  get gaps(): readonly string[] {
    return [...this.#partly.values()];
  }

  now(): Date {
    return new Date(this.#bundle.index.endedAt);
  }

  async has({ apiVersion, kind }: ResourceName): Promise<boolean> {
    const { groups } = this.#bundle.index;
    if (groups === null) return true;
    return (
      groups[groupOf(apiVersion)] !== undefined &&
      (this.#isUnlisted(apiVersion) || this.#find(apiVersion, kind) !== undefined)
    );
  }

  async versionsOf(group: string): Promise<readonly string[]> {
    const { groups } = this.#bundle.index;
    if (groups === null) throw missing(`look for the API group ${group}`, this.#bundle);
    const versions = groups[group] ?? [];
    if (versions.length > 0 && this.#isUnlisted(`${group}/`)) throw missing(`list the kinds of ${group}`, this.#bundle);
    return versions;
  }

  async get(reference: ObjectRef): Promise<KubeObject | undefined> {
    const { apiVersion, kind, namespace, name } = reference;
    const known = this.#find(apiVersion, kind);
    if (known === undefined && !(await this.has(reference))) return undefined;
    const isRead = known?.readIn === 'all' || (namespace !== undefined && known?.readIn.includes(namespace));
    if (!isRead) throw missing(`get ${describeRef(reference)}`, this.#bundle);
    return this.#ofKind(apiVersion, kind).find(
      ({ metadata }) => metadata.name === name && (!known?.namespaced || metadata.namespace === namespace),
    );
  }

  async list(selection: ResourceSelection): Promise<readonly KubeObject[]> {
    const { apiVersion, kind = '', namespace, labelSelector } = selection;
    const known = this.#find(apiVersion, kind);
    const readIn = known?.readIn ?? [];
    const isRead = readIn === 'all' || (namespace === undefined ? readIn.length > 0 : readIn.includes(namespace));
    if (known === undefined || !isRead) {
      const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
      throw missing(`list ${kind} (${apiVersion})${where}`, this.#bundle);
    }
    if (readIn !== 'all' && namespace === undefined) {
      const others = readIn.length === 1 ? `the namespace ${readIn[0]}` : `the namespaces ${readIn.join(', ')}`;
      this.#partly.set(kind, `${kind} could not be looked for outside ${others}: the bundle has no others.`);
    }
    return this.#ofKind(apiVersion, kind).filter(
      ({ metadata }) =>
        (namespace === undefined || metadata.namespace === namespace) &&
        hasLabels(metadata.labels ?? {}, labelSelector),
    );
  }

  async *podLogs(namespace: string, pod: string, container: string, { tailLines, timestamps }: PodLogOptions = {}) {
    const what = `read the log of container ${container} of Pod ${namespace}/${pod}`;
    const lines = await this.#bundle.log(namespace, pod, container);
    if (lines === null) throw missing(what, this.#bundle);
    const all: string[] = [];
    for await (const line of lines) all.push(line);
    const last = tailLines === undefined ? all : all.slice(-tailLines);
    // Their own times were not saved.
    const stamp = timestamps === true ? `${this.now().toISOString()} ` : '';
    yield* last.map((line) => `${stamp}${line}`);
  }

  async gatewayConfigs(pods: readonly { readonly namespace: string; readonly name: string }[], host: string) {
    const configs: GatewayConfig[] = [];
    const problems: string[] = [];
    for (const { namespace, name } of pods) {
      const pod = `${namespace}/${name}`;
      try {
        const dump = await this.#bundle.configDump(name);
        if (dump === null) throw new Error('the bundle does not have it');
        configs.push(gatewayConfigOf(dump, pod, host, this.now()));
      } catch (error) {
        const reason = messageOf(error).replace(/\.$/, '');
        problems.push(`The configuration of the gateway Pod ${pod} could not be read (${reason}).`);
      }
    }
    return { configs, problems };
  }

  async meshAccessLog(gateway: GatewayPods): Promise<MeshAccessLog> {
    // What a bundle does not have is like what a user may not read.
    const refused = (error: unknown): never => {
      throw error instanceof KubeError ? new KubeError(error.message, { status: 403, reason: null }) : error;
    };
    return await readMeshAccessLog(
      [
        {
          get: (reference) => this.get(reference).catch(refused),
          list: (selection) => this.list(selection).catch(refused),
          discovery: { find: async (kind) => (await this.has(kind)) || undefined },
        },
      ],
      gateway,
    );
  }

  async lookBetweenClusters(): Promise<null> {
    return null;
  }

  /** Whether the kinds of a group are not collected, so that a kind may exist without being in the bundle. */
  #isUnlisted(apiVersion: string): boolean {
    const group = groupOf(apiVersion);
    return !this.#bundle.index.kinds.some((each) => groupOf(each.apiVersion) === group);
  }

  /** In whatever version: a bundle has each kind once. */
  #find(apiVersion: string, kind: string | undefined): BundledKind | undefined {
    const group = groupOf(apiVersion);
    return this.#bundle.index.kinds.find((each) => groupOf(each.apiVersion) === group && each.kind === kind);
  }

  #ofKind(apiVersion: string, kind: string): readonly KubeObject[] {
    const group = groupOf(apiVersion);
    return this.#bundle.objects.filter((object) => object.kind === kind && groupOf(object.apiVersion) === group);
  }
}

function missing(what: string, { folder }: SavedBundle): KubeError {
  return new KubeError(`Could not ${what}: the bundle ${folder} does not have it.`, { status: null, reason: null });
}

/** @param selector `name=value` or `name`, separated by commas */
function hasLabels(labels: Readonly<Record<string, string>>, selector = ''): boolean {
  return selector
    .split(',')
    .filter((part) => part !== '')
    .every((part) => {
      const [name = '', value] = part.split('=');
      return value === undefined ? labels[name] !== undefined : labels[name] === value;
    });
}
