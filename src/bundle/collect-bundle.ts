import { messageOf } from '../error-message.ts';
import { redactObject, scrubText } from '../evidence/redaction.ts';
import { forEachConcurrently } from '../kube/bounded-concurrency.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Resource } from '../kube/discovery.ts';
import { execInPod } from '../kube/exec.ts';
import { KubeError } from '../kube/kube-error.ts';
import { groupOf, type KubeObject } from '../kube/kube-object.ts';
import { type BundleFile, BundleFolder } from './bundle-folder.ts';
import { type BundledKind, bundleVersion } from './bundle-index.ts';
import { readme } from './bundle-readme.ts';
import { bundledKinds } from './bundled-kinds.ts';
import { eventsText } from './events-text.ts';
import { linesAtEndOfFile } from './lines-at-end-of-file.ts';

export interface BundleOptions {
  /** Null where there is no API server to ask: then only the environment's own logs are collected. */
  readonly kube: KubeClient | null;
  /** What happened that it is collected for: a sentence. */
  readonly reason?: string;
  /** The most time for the cluster, which may have lost its parts; by default each step has a limit of its own. In milliseconds. */
  readonly clusterWithinMs?: number;
  /** Where the bundle goes: a folder that is empty or not there. */
  readonly folder: string;
  /** Log files of the environment itself by component, e.g. pebble, kube-apiserver, kubelet. */
  readonly logs: ReadonlyMap<string, string>;
  /** Only logs and objects in these namespaces, and objects without a namespace; all by default. */
  readonly namespaces?: readonly string[];
  readonly signal: AbortSignal;
  /** Called immediately with what could not be collected and why, one sentence each. */
  readonly onProblem: (sentence: string) => void;
  /** How a command is run in a container. */
  readonly exec?: typeof execInPod;
}

/** What a bundle has become. */
export interface BundleContents {
  readonly folder: string;
  /** All files but `index.json`, by path. */
  readonly files: readonly BundleFile[];
  /** What could not be collected and why, one sentence each. */
  readonly problems: readonly string[];
}

const mostLogBytes = 5 * 1024 * 1024;
const atOnce = 4;
const listWithinMs = 60_000;
const logWithinMs = 60_000;
const execWithinMs = 30_000;

/** What Envoy's admin interface is asked for, and the file it goes to. */
const envoyAnswers = [
  { request: 'config_dump?include_eds', file: 'config_dump.json' },
  { request: 'clusters', file: 'clusters.txt' },
  { request: 'listeners', file: 'listeners.txt' },
  { request: 'certs', file: 'certs.json' },
  { request: 'stats', file: 'stats.txt' },
] as const;

/**
 * Collects from a cluster, read-only, what is needed to say afterwards what was the matter: objects, events, logs, what
 * the gateways are configured with, and the environment's own logs. Everything is redacted before it is written. A step
 * that fails is a sentence in the bundle's README.md, never the end of the bundle.
 *
 * @throws UserError if the folder cannot be used; the signal's reason
 */
export async function collectBundle(options: BundleOptions): Promise<BundleContents> {
  const folder = await BundleFolder.create(options.folder);
  return await new Collection(options, folder).run();
}

class Collection {
  readonly #options: BundleOptions;
  readonly #folder: BundleFolder;
  readonly #problems: string[] = [];
  readonly #notes: string[] = [];
  readonly #kinds: BundledKind[] = [];
  #groups: Readonly<Record<string, string[]>> | null = null;
  /** Aborts when the time for the cluster is over. */
  #clusterLimit: AbortSignal | null = null;

  constructor(options: BundleOptions, folder: BundleFolder) {
    this.#options = options;
    this.#folder = folder;
  }

  async run(): Promise<BundleContents> {
    const startedAt = new Date();
    // First what is there for certain.
    await forEachConcurrently([...this.#options.logs], atOnce, ([component, file]) =>
      this.#writeEnvironmentLog(component, file),
    );
    const { kube, clusterWithinMs } = this.#options;
    if (kube === null) {
      this.#notes.push('There was no API server to ask.');
      return await this.#end(startedAt, null);
    }
    if (clusterWithinMs !== undefined) this.#clusterLimit = AbortSignal.timeout(clusterWithinMs);
    return await this.#end(startedAt, await this.#collectFrom(kube));
  }

  /** @returns the version of the API server; null if it does not tell */
  async #collectFrom(kube: KubeClient): Promise<string | null> {
    const version = await this.#step('the version of the API server', listWithinMs, (signal) => kube.version(signal));
    const offered = await this.#step('the list of kinds', listWithinMs, (signal) =>
      bundledKinds(kube, signal, (sentence) => this.#problem(sentence)),
    );
    this.#groups = offered?.groups ?? null;
    const found = await forEachConcurrently(offered?.kinds ?? [], atOnce, (kind) => this.#writeKind(kube, kind));
    const all = found.flat();
    await this.#writeEvents(all.filter(({ kind }) => kind === 'Event'));
    const pods = all.filter(({ kind }) => kind === 'Pod');
    await forEachConcurrently(pods.flatMap(logsOfPod), atOnce, (log) => this.#writePodLog(kube, log));
    await forEachConcurrently(pods.filter(isRunningGateway), atOnce, (pod) => this.#writeGateway(kube, pod));
    await this.#writeProxyStatus(kube, pods.filter(isRunningIstiod));
    return version?.gitVersion ?? null;
  }

  async #end(startedAt: Date, kubernetes: string | null): Promise<BundleContents> {
    const problems = [...new Set(this.#problems)];
    const about = { startedAt: startedAt.toISOString(), endedAt: new Date().toISOString(), kubernetes };
    const namespaces = this.#options.namespaces ?? null;
    const reason = this.#options.reason === undefined ? null : scrubText(this.#options.reason);
    const text = readme({ ...about, reason, namespaces, files: this.#folder.files, notes: this.#notes, problems });
    await this.#folder.writeText(['README.md'], text);
    await this.#folder.writeIndex({
      bundleVersion,
      ...about,
      ...(reason === null ? {} : { reason }),
      namespaces: namespaces === null ? null : [...namespaces],
      groups: this.#groups,
      kinds: this.#kinds.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)),
      problems,
    });
    return { folder: this.#folder.folder, files: this.#folder.files, problems };
  }

  async #writeEvents(events: readonly KubeObject[]): Promise<void> {
    // An empty list would mean that there are no objects.
    if (events.length === 0) return;
    const text = eventsText(events);
    await this.#step('the list of events', listWithinMs, () => this.#folder.writeText(['events.txt'], text));
  }

  /** Lists and writes the objects of a kind. @returns those that later steps read */
  async #writeKind(kube: KubeClient, resource: Resource): Promise<readonly KubeObject[]> {
    const group = groupOf(resource.apiVersion);
    const what = `the objects of kind ${resource.kind} (${resource.apiVersion})`;
    const listed = await this.#step(what, listWithinMs, (signal) => this.#list(kube, resource, signal));
    this.#kinds.push({ ...resource, readIn: listed?.readIn ?? [] });
    if (listed === undefined) return [];
    const objects = this.#withoutHelmReleases(resource, listed.objects);
    const byNamespace = Map.groupBy(objects, ({ metadata }) => metadata.namespace ?? '_cluster');
    for (const [namespace, some] of byNamespace) {
      const path = ['objects', group === '' ? 'core' : group, resource.kind, `${namespace}.yaml`];
      const written = resource.kind === 'CustomResourceDefinition' ? some.map(nameOfDefinition) : some;
      await this.#step(`the file ${path.join('/')}`, listWithinMs, () => this.#folder.writeObjects(path, written));
    }
    if (resource.kind === 'Event') return objects.map(redactObject);
    return resource.kind === 'Pod' ? objects : [];
  }

  async #list(kube: KubeClient, resource: Resource, signal: AbortSignal): Promise<ListedKind> {
    const { namespaces } = this.#options;
    if (resource.namespaced && namespaces !== undefined) {
      const lists = await forEachConcurrently(namespaces, atOnce, (namespace) =>
        this.#step(`the objects of kind ${resource.kind} in namespace ${namespace}`, listWithinMs, (limit) =>
          kube.listResource(resource, { namespace }, limit),
        ),
      );
      return {
        objects: lists.flatMap((list) => list?.objects ?? []),
        readIn: namespaces.filter((_, index) => lists[index] !== undefined),
      };
    }
    try {
      return { objects: (await kube.listResource(resource, {}, signal)).objects, readIn: 'all' };
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 403 && resource.namespaced)) throw error;
      // Whoever may not list all may perhaps list their own.
      const namespace = kube.connection.defaultNamespace;
      const own = await kube.listResource(resource, { namespace }, signal).catch(() => {
        throw error;
      });
      this.#problem(`${resource.kind} objects were read only in namespace ${namespace}: ${error.message}`);
      return { objects: own.objects, readIn: [namespace] };
    }
  }

  #withoutHelmReleases(resource: Resource, objects: readonly KubeObject[]): readonly KubeObject[] {
    if (resource.kind !== 'Secret') return objects;
    const kept = objects.filter(({ type }) => !(typeof type === 'string' && type.startsWith('helm.sh/')));
    const left = objects.length - kept.length;
    if (left > 0) this.#notes.push(`${left} Secret(s) with Helm releases were left out.`);
    return kept;
  }

  async #writePodLog(kube: KubeClient, { namespace, pod, container, previous }: PodLog): Promise<void> {
    const which = previous ? 'the log of the previous run' : 'the log';
    await this.#step(`${which} of container ${container} of Pod ${namespace}/${pod}`, logWithinMs, async (signal) => {
      const lines = await kube.openPodLog(namespace, pod, container, { previous, signal });
      const path = ['logs', namespace, pod, `${container}${previous ? '.previous' : ''}.log`];
      await this.#writeLog(path, lines);
    });
  }

  async #writeEnvironmentLog(component: string, file: string): Promise<void> {
    await this.#step(`the log of ${component}`, logWithinMs, async (signal) => {
      const lines = linesAtEndOfFile(file, 4 * mostLogBytes, signal);
      await this.#writeLog(['environment-logs', `${component}.log`], lines);
    });
  }

  async #writeLog(path: readonly string[], lines: AsyncIterable<string>): Promise<void> {
    const cut = await this.#folder.writeLog(path, lines, mostLogBytes);
    if (cut) this.#notes.push(`${path.join('/')} contains only the end of the log.`);
  }

  async #writeGateway(kube: KubeClient, pod: KubeObject): Promise<void> {
    const { name, namespace = '' } = pod.metadata;
    // One after the other: a refusal is the same for all of them.
    for (const { request, file } of envoyAnswers) {
      const what = `Envoy's ${file} of gateway Pod ${namespace}/${name}`;
      const command = ['pilot-agent', 'request', 'GET', request] as const;
      const answer = await this.#ask(kube, what, namespace, name, 'istio-proxy', command);
      if (answer === 'refused') return;
      if (answer === undefined) continue;
      const path = ['gateway', name, file];
      await this.#step(what, execWithinMs, () =>
        file.endsWith('.json') ? this.#folder.writeJson(path, answer.text) : this.#folder.writeText(path, answer.text),
      );
    }
  }

  async #writeProxyStatus(kube: KubeClient, pods: readonly KubeObject[]): Promise<void> {
    const answers: string[] = [];
    for (const pod of pods) {
      const { name, namespace = '' } = pod.metadata;
      const what = `the proxy status of istiod Pod ${namespace}/${name}`;
      const command = ['pilot-discovery', 'request', 'GET', '/debug/syncz'] as const;
      const answer = await this.#ask(kube, what, namespace, name, 'discovery', command);
      if (answer !== undefined && answer !== 'refused')
        answers.push(`${JSON.stringify(`${namespace}/${name}`)}:${answer.text}`);
    }
    if (answers.length === 0) return;
    await this.#step('the proxy status', execWithinMs, () =>
      this.#folder.writeJson(['proxy-status.json'], `{${answers.join(',')}}`),
    );
  }

  async #ask(
    kube: KubeClient,
    what: string,
    namespace: string,
    pod: string,
    container: string,
    command: readonly [string, ...string[]],
  ): Promise<{ readonly text: string } | 'refused' | undefined> {
    const { exec = execInPod } = this.#options;
    return await this.#step(what, execWithinMs, async (signal) => {
      const request = { namespace, pod, container, command, signal, withinMs: execWithinMs };
      try {
        const { stdout, stderr, exitCode } = await exec(kube, request);
        if (exitCode === 0) return { text: stdout };
        const said = stderr.trim().slice(0, 500);
        throw new Error(`${command.join(' ')} exited with code ${exitCode} and printed: ${said || 'nothing'}.`);
      } catch (error) {
        if (!(error instanceof KubeError && error.status === 403)) throw error;
        this.#problem(`Could not collect ${what}: ${error.message}`);
        return 'refused';
      }
    });
  }

  /** Does a part of the work within a time. What goes wrong in it becomes a problem. @throws the signal's reason */
  async #step<Result>(
    what: string,
    withinMs: number,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result | undefined> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    const limit = AbortSignal.timeout(withinMs);
    const whole = this.#clusterLimit;
    try {
      whole?.throwIfAborted();
      return await work(AbortSignal.any([signal, limit, ...(whole === null ? [] : [whole])]));
    } catch (error) {
      signal.throwIfAborted();
      const reason = whole?.aborted ? 'the time for all of the cluster was over' : messageOf(error);
      const why = limit.aborted ? `it took longer than ${withinMs / 1000} s` : reason;
      this.#problem(`Could not collect ${what}: ${why}${why.endsWith('.') ? '' : '.'}`);
      return undefined;
    }
  }

  #problem(sentence: string): void {
    const scrubbed = scrubText(sentence.replaceAll(/\s*\n\s*/g, ' '));
    this.#problems.push(scrubbed);
    this.#options.onProblem(scrubbed);
  }
}

interface ListedKind {
  readonly objects: readonly KubeObject[];
  readonly readIn: BundledKind['readIn'];
}

function keyOf({ apiVersion, kind }: BundledKind): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

interface PodLog {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
}

interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: { readonly running?: unknown; readonly terminated?: unknown };
  readonly lastState?: { readonly terminated?: unknown };
}

/** The available logs of a Pod: of each container that runs or has ended, and of its previous run. */
function logsOfPod({ metadata, status }: KubeObject): PodLog[] {
  const { initContainerStatuses, containerStatuses, ephemeralContainerStatuses } = (status ?? {}) as Readonly<
    Record<string, readonly ContainerStatus[] | undefined>
  >;
  const statuses = [initContainerStatuses, containerStatuses, ephemeralContainerStatuses].flatMap((all) => all ?? []);
  return statuses.flatMap(({ name: container, state, lastState, restartCount = 0 }) => {
    const log = { namespace: metadata.namespace ?? '', pod: metadata.name, container };
    const began = Boolean(state?.running ?? state?.terminated) || restartCount > 0;
    return [
      ...(began ? [{ ...log, previous: false }] : []),
      ...(lastState?.terminated !== undefined ? [{ ...log, previous: true }] : []),
    ];
  });
}

function isRunningGateway(pod: KubeObject): boolean {
  const labels = pod.metadata.labels ?? {};
  return isRunning(pod) && (labels.istio === 'ingressgateway' || 'gateway.networking.k8s.io/gateway-name' in labels);
}

function isRunningIstiod(pod: KubeObject): boolean {
  return isRunning(pod) && pod.metadata.labels?.app === 'istiod';
}

function isRunning({ status }: KubeObject): boolean {
  return (status as { phase?: unknown } | undefined)?.phase === 'Running';
}

function nameOfDefinition({ apiVersion, kind, metadata, spec }: KubeObject): KubeObject {
  const versions = (spec as { versions?: readonly { name?: unknown; served?: unknown }[] } | undefined)?.versions ?? [];
  const served = versions.filter((version) => version.served === true).map(({ name }) => name);
  return { apiVersion, kind, metadata: { name: metadata.name }, servedVersions: served };
}
