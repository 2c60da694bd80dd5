import type { IngressGateway } from '../environment/environment.ts';
import type { KubeClient } from '../kube/client.ts';
import type { PartUsage } from './part-usage.ts';
import { type MetricSample, samplesIn, sumOf, sumsBy } from './prometheus-text.ts';

/** Counters that grow with the load, as of a moment. */
export interface ClusterCounters {
  /** Requests that the API server answered, by `VERB resource`; empty where its metrics may not be read. */
  readonly apiRequests: ReadonlyMap<string, number>;
  /** The size of etcd's database file, in bytes; null if unknown. */
  readonly etcdBytes: number | null;
  /** Requests of cert-manager to the CA, by `METHOD STATUS`; empty where its metrics may not be read. */
  readonly caRequests: ReadonlyMap<string, number>;
}

const apiRequestTotal = 'apiserver_request_total';
const storageSize = 'apiserver_storage_size_bytes';
const caRequestCount = 'certmanager_http_acme_client_request_count';
const cpuSecondsTotal = 'process_cpu_seconds_total';
const residentBytes = 'process_resident_memory_bytes';
const envoyBytes = 'envoy_server_memory_physical_size';

/** A part of the platform with a port for Prometheus (each project's documentation of its metrics). */
interface MeteredPart {
  readonly part: string;
  readonly selector: string;
  readonly namespace?: string;
  readonly port: number;
  readonly path: string;
  readonly cpu: string | null;
  readonly memory: string;
}

/** Reads the metrics of the API server and, through it, of cert-manager, istiod and the gateway: on any cluster that allows it. */
export class ClusterMetrics {
  readonly #kube: KubeClient;
  readonly #parts: readonly MeteredPart[];
  #pods: readonly (MeteredPart & { readonly path: string })[] | null = null;

  constructor(kube: KubeClient, gateway: IngressGateway) {
    this.#kube = kube;
    const selector = Object.entries(gateway.selector).map(([label, value]) => `${label}=${value}`);
    const go = { cpu: cpuSecondsTotal, memory: residentBytes, path: 'metrics' };
    this.#parts = [
      {
        part: 'cert-manager controller',
        selector: 'app.kubernetes.io/name=cert-manager,app.kubernetes.io/component=controller',
        port: 9402,
        ...go,
      },
      { part: 'istiod', selector: 'app=istiod', port: 15014, ...go },
      {
        ...{ part: 'gateway', selector: selector.join(','), namespace: gateway.namespace, port: 15090 },
        ...{ path: 'stats/prometheus?filter=^server', cpu: null, memory: envoyBytes },
      },
    ];
  }

  /** The usage of the parts whose metrics could be read. */
  async usage(signal: AbortSignal): Promise<readonly PartUsage[]> {
    const read = await Promise.all([
      ...(await this.#found(signal)).map(async ({ part, path, cpu, memory }) => {
        const samples = await this.#samples(path, [...(cpu === null ? [] : [cpu]), memory], signal);
        return (
          samples && {
            part,
            cpuSeconds: cpu === null ? null : sumOf(samples, cpu),
            memoryBytes: sumOf(samples, memory),
          }
        );
      }),
    ]);
    return read.filter((usage) => usage !== null);
  }

  async counters(signal: AbortSignal): Promise<ClusterCounters> {
    const [ofApiServer, ofController] = await Promise.all([
      this.#samples('/metrics', [apiRequestTotal, storageSize], signal),
      this.#ofController(signal),
    ]);
    return {
      apiRequests: sumsBy(ofApiServer ?? [], apiRequestTotal, ({ verb = '', resource = '' }) => `${verb} ${resource}`),
      etcdBytes: sumOf(ofApiServer ?? [], storageSize),
      caRequests: sumsBy(ofController ?? [], caRequestCount, ({ method = '', status = '' }) => `${method} ${status}`),
    };
  }

  async #ofController(signal: AbortSignal): Promise<readonly MetricSample[] | null> {
    const [controller] = (await this.#found(signal)).filter(({ part }) => part === 'cert-manager controller');
    return controller === undefined ? null : await this.#samples(controller.path, [caRequestCount], signal);
  }

  async #found(signal: AbortSignal): Promise<readonly MeteredPart[]> {
    if (this.#pods !== null) return this.#pods;
    const found = await Promise.all(
      this.#parts.map(async (part) => {
        const { selector: labelSelector, namespace } = part;
        const pods = await this.#kube
          .list(
            { apiVersion: 'v1', kind: 'Pod', labelSelector, ...(namespace === undefined ? {} : { namespace }) },
            signal,
          )
          .catch(() => []);
        return pods.map(({ metadata }) => ({
          ...part,
          path: `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}:${part.port}/proxy/${part.path}`,
        }));
      }),
    );
    this.#pods = found.flat();
    return this.#pods;
  }

  /** Forgets the Pods, after some of them were replaced. */
  forgetPods(): void {
    this.#pods = null;
  }

  /** Null where they cannot be read: then the report says nothing about the part. */
  async #samples(path: string, names: readonly string[], signal: AbortSignal): Promise<readonly MetricSample[] | null> {
    const [pathname = '', query = ''] = path.split('?');
    try {
      const chunks = await this.#kube.connection.stream({
        what: `read the metrics at ${pathname}`,
        path: pathname,
        query: Object.fromEntries(new URLSearchParams(query)),
        signal,
      });
      const text: Uint8Array[] = [];
      for await (const chunk of chunks) text.push(chunk);
      return samplesIn(Buffer.concat(text).toString('utf8'), names);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Error) return null;
      throw error;
    }
  }
}

/** What was added to each key of a counter. A counter that began anew counts from 0. */
export function addedTo(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>) {
  return new Map(
    [...after].flatMap(([key, value]) => {
      const earlier = before.get(key) ?? 0;
      const added = value < earlier ? value : value - earlier;
      return added > 0 ? [[key, added] as const] : [];
    }),
  );
}
