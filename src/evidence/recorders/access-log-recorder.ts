import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../error-message.ts';
import type { KubeClient } from '../../kube/client.ts';
import { KubeError } from '../../kube/kube-error.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { TimeoutError, type UntilOptions } from '../../kube/until.ts';
import type { ResourceWatch, WatchEvent } from '../../kube/watch.ts';
import { isConnectionWithoutRequest, parseAccessLogLine } from '../access-log/access-log-line.ts';
import type { AccessLogFormat } from '../access-log/log-field.ts';
import { isOwnMessage } from '../access-log/own-message.ts';
import { type AccessLogEntry, hostOfAuthority } from '../evidence.ts';
import { redactObject } from '../redaction.ts';

export interface AccessLogRecorderOptions {
  /** Selects the gateway Pods, e.g. `istio=ingressgateway`. */
  readonly labelSelector: string;
  /** The gateway's namespace; all of them unless given. */
  readonly namespace?: string;
  /** The container that runs the proxy. */
  readonly container?: string;
  /** The formats of the mesh's access log. Istio's defaults and JSON with usual keys are always read. */
  readonly formats?: readonly AccessLogFormat[];
  readonly signal?: AbortSignal;
}

/** A part of a recording. */
export interface AccessLogSlice {
  readonly since?: Date;
  readonly until?: Date;
  /** Only requests for one of these hosts. */
  readonly hosts?: readonly string[];
}

interface Waiter {
  consider(entry: AccessLogEntry): void;
}

const logOpensWithinMs = 10_000;
const longestPauseMs = 5_000;

/**
 * Records the requests in the access logs of gateway Pods from now on, also of Pods and containers that start later,
 * whose logs it reads from their beginning. Envoy writes its log out once a second, so a request appears up to a
 * second after it was answered: use {@link untilEntry} before concluding that there was none.
 */
export class AccessLogRecorder implements AsyncDisposable {
  readonly #client: KubeClient;
  readonly #container: string;
  readonly #watch: ResourceWatch;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #formats: readonly AccessLogFormat[];
  readonly #entries: AccessLogEntry[] = [];
  #unread = 0;
  readonly #problems: { at: Date; message: string }[] = [];
  readonly #waiters = new Set<Waiter>();
  /** The runs of the proxy's container, by Pod uid and restart count, that the watch last saw running. */
  readonly #running = new Map<string, number>();
  readonly #followed = new Map<string, Promise<void>>();
  readonly #opened: Promise<void>[] = [];
  readonly #started: Promise<void>;

  constructor(client: KubeClient, options: AccessLogRecorderOptions) {
    this.#client = client;
    this.#container = options.container ?? 'istio-proxy';
    this.#formats = options.formats ?? [];
    this.#signal =
      options.signal === undefined ? this.#stop.signal : AbortSignal.any([options.signal, this.#stop.signal]);
    const { labelSelector, namespace } = options;
    const selection = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', labelSelector } as const;
    this.#watch = client.watch(namespace === undefined ? selection : { ...selection, namespace }, {
      signal: this.#signal,
      project: redactObject,
      onEvent: (event) => this.#takePod(event),
      onProblem: ({ message }) => this.#report(message),
    });
    this.#started = this.#watch.listed.then(async () => void (await Promise.all(this.#opened)));
  }

  /** Resolves once the logs of the gateway Pods that run now are being read, or the recorder has said why not. */
  get started(): Promise<void> {
    return this.#started;
  }

  get entries(): readonly AccessLogEntry[] {
    return this.#entries;
  }

  /** The number of lines that no format reads, without the proxy's own messages. */
  get unread(): number {
    return this.#unread;
  }

  /** What the recorder could not see, one sentence each. */
  problems({ since, until }: Pick<AccessLogSlice, 'since' | 'until'> = {}): string[] {
    const inside = this.#problems.filter(
      ({ at }) => (since === undefined || at >= since) && (until === undefined || at <= until),
    );
    return [...new Set(inside.map(({ message }) => message))];
  }

  /** The requests of a time, by their start, in that order. */
  slice({ since, until, hosts }: AccessLogSlice = {}): AccessLogEntry[] {
    const [from, to] = [since?.toISOString() ?? '', until?.toISOString() ?? '~'];
    return this.#entries
      .filter(
        ({ at, authority }) =>
          at >= from && at <= to && (hosts === undefined || hosts.includes(hostOfAuthority(authority))),
      )
      .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  }

  /**
   * Waits for a request, which may have been recorded already.
   *
   * @throws TimeoutError, with the last request seen
   */
  async untilEntry(
    predicate: (entry: AccessLogEntry) => boolean,
    { what, withinMs, signal }: UntilOptions,
  ): Promise<AccessLogEntry> {
    signal?.throwIfAborted();
    const recorded = this.#entries.find(predicate);
    if (recorded !== undefined) return recorded;
    const { promise, resolve, reject } = Promise.withResolvers<AccessLogEntry>();
    const waiter: Waiter = {
      consider: (entry) => {
        try {
          if (predicate(entry)) resolve(entry);
        } catch (error) {
          reject(error);
        }
      },
    };
    this.#waiters.add(waiter);
    const timer = setTimeout(() => reject(new TimeoutError(what, withinMs, this.#lastSeen())), withinMs);
    const abort = () => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await promise;
    } finally {
      this.#waiters.delete(waiter);
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watch[Symbol.asyncDispose]();
    await Promise.all(this.#followed.values());
  }

  #takePod({ change, object: pod }: WatchEvent): void {
    const { uid = '' } = pod.metadata;
    const restarts = change === 'deleted' ? undefined : runningSince(pod, this.#container);
    if (restarts === undefined) {
      this.#running.delete(uid);
      return;
    }
    this.#running.set(uid, restarts);
    const run = `${uid}/${restarts}`;
    if (this.#followed.has(run)) return;
    const opened = Promise.withResolvers<void>();
    this.#followed.set(run, this.#follow(pod, restarts, change === 'existed', opened.resolve).finally(opened.resolve));
    if (change === 'existed') this.#opened.push(this.#openedInTime(pod, opened.promise));
  }

  async #openedInTime(pod: KubeObject, opened: Promise<void>): Promise<void> {
    const limit = new AbortController();
    const tooLate = delay(logOpensWithinMs, true, { signal: AbortSignal.any([limit.signal, this.#signal]) }).catch(
      () => false,
    );
    if (await Promise.race([opened.then(() => false), tooLate])) {
      this.#report(`The log of Pod ${nameOf(pod)} gave nothing within ${logOpensWithinMs / 1000} s.`);
    }
    limit.abort();
  }

  /** Reads one run of a container to its end, over any number of connections. */
  async #follow(pod: KubeObject, restarts: number, existed: boolean, onOpened: () => void): Promise<void> {
    const { namespace = '', name, uid = '' } = pod.metadata;
    let lastTimestamp: string | undefined;
    let pauseMs = 0;
    while (!this.#signal.aborted) {
      try {
        const from =
          lastTimestamp !== undefined
            ? { sinceTime: new Date(lastTimestamp) }
            : // The last line there is, so that the answer begins at once.
              existed
              ? { tailLines: 1 }
              : {};
        const options = { follow: true, timestamps: true, signal: this.#signal, ...from };
        const lines = await this.#client.openPodLog(namespace, name, this.#container, options);
        onOpened();
        for await (const stamped of lines) {
          const space = stamped.indexOf(' ');
          const timestamp = stamped.slice(0, space);
          // After a reconnect the API server begins at the whole second.
          if (lastTimestamp !== undefined && timestamp <= lastTimestamp) continue;
          lastTimestamp = timestamp;
          pauseMs = 0;
          this.#takeLine(stamped.slice(space + 1), `${namespace}/${name}`, timestamp);
        }
      } catch (error) {
        if (this.#signal.aborted) return;
        if (error instanceof KubeError && error.status === 404) return;
        const reason = messageOf(error);
        this.#report(`The log of Pod ${namespace}/${name} broke off and was opened again (${reason}).`);
      }
      if (this.#running.get(uid) !== restarts) return;
      await delay(pauseMs, undefined, { signal: this.#signal }).catch(() => {});
      pauseMs = Math.min(Math.max(100, pauseMs * 2), longestPauseMs);
      if (this.#running.get(uid) !== restarts) return;
    }
  }

  #takeLine(line: string, pod: string, writtenAt: string): void {
    const entry = parseAccessLogLine(line, { pod, formats: this.#formats, writtenAt });
    if (entry === undefined) {
      if (!isOwnMessage(line) && !isConnectionWithoutRequest(line, this.#formats)) this.#unread += 1;
      return;
    }
    this.#entries.push(entry);
    for (const waiter of [...this.#waiters]) waiter.consider(entry);
  }

  #report(message: string): void {
    this.#problems.push({ at: new Date(), message });
  }

  #lastSeen(): string {
    const last = this.#entries.at(-1);
    const problem = this.#problems.at(-1);
    if (last !== undefined) {
      const upstream = last.upstreamCluster ?? last.responseCodeDetails;
      return `${last.method} ${last.authority}${last.path}, ${last.status}, ${upstream}, at ${last.at}, the last of ${this.#entries.length}`;
    }
    if (this.#followed.size === 0) return 'no gateway Pod whose proxy runs';
    return problem === undefined ? 'no request at all' : `no request at all; ${problem.message.replace(/\.$/, '')}`;
  }
}

/** How often a running container was restarted before; undefined if it does not run. */
function runningSince(pod: KubeObject, container: string): number | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = (pod.status ?? {}) as {
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
  // A proxy may run as a sidecar, which is an init container that goes on running.
  const status = [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container);
  return status?.state?.running === undefined ? undefined : (status.restartCount ?? 0);
}

interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: { readonly running?: unknown };
}

function nameOf(pod: KubeObject): string {
  return `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
}
