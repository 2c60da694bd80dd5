import { diagnose } from '../diagnosis/diagnose.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { KubeClient } from '../kube/client.ts';
import { gather, type TraceRequest } from './gather.ts';
import { liveCluster } from './live-cluster.ts';
import { untilChanged } from './until-changed.ts';
import { type Station, walk } from './walk.ts';

/** What a trace found. */
export interface Traced {
  readonly stations: readonly Station[];
  readonly diagnosis: Diagnosis;
}

export interface TracerOptions extends Omit<TraceRequest, 'namespace' | 'name' | 'cluster'> {
  readonly kube: KubeClient;
}

/** A trace reads a gateway's whole configuration, so that many at once keep a gateway from its work. */
const atOnce = 3;

/** Traces Certificates of one cluster, a few at a time, however many are asked for. */
export class Tracer {
  readonly #common: TracerOptions;
  readonly #lanes: Promise<unknown>[] = Array.from({ length: atOnce }, () => Promise.resolve());
  #next = 0;

  constructor(common: TracerOptions) {
    this.#common = common;
  }

  trace(certificate: { readonly namespace: string; readonly name: string }): Promise<Traced> {
    const lane = this.#next;
    this.#next = (lane + 1) % atOnce;
    const before = this.#lanes[lane] ?? Promise.resolve();
    const traced = before.then(async () => {
      const input = await gather({ ...this.#common, ...certificate, cluster: liveCluster(this.#common.kube) });
      return { stations: walk(input), diagnosis: diagnose(input) };
    });
    this.#lanes[lane] = traced.catch(() => {});
    return traced;
  }

  untilChanged(namespace: string, signal: AbortSignal): Promise<void> {
    return untilChanged(this.#common.kube, namespace, signal);
  }
}
