import type { ClusterCounters } from './cluster-metrics.ts';
import type { LoadRecording } from './report-of-load.ts';

export const begin = Date.parse('2026-11-28T02:00:00.000Z');
const count = 100;

/** Counters before the load, or with what it added. */
export function counters(more: Partial<Record<'api' | 'ca' | 'etcd', number>> = {}): ClusterCounters {
  return {
    apiRequests: new Map([
      ['GET secrets', 10 + (more.api ?? 0)],
      ['LIST pods', 3],
    ]),
    caRequests: new Map([['POST 200', more.ca ?? 0]]),
    etcdBytes: 1_000_000 + (more.etcd ?? 0),
  };
}

/** 100 certificates, of which one becomes Ready each second after 20 s, and each is served 200 ms later. */
export function loadRecording(more: Partial<LoadRecording> = {}): LoadRecording {
  return {
    shape: { certificates: count, ratePerSecond: null, solver: 'http01', hostsPerGateway: 10 },
    startedAt: new Date(begin),
    machine: { os: 'Linux', cpus: 2, memoryBytes: 2 ** 33, timeScale: 1 },
    environment: { kind: 'cell', name: 'dev' },
    components: [],
    ca: { software: 'Pebble', version: '2.10.1' },
    records: Array.from({ length: count }, (_, index) => {
      const ready = begin + 20_000 + index * 1_000;
      return {
        requested: begin,
        ordered: begin + 500,
        challenged: begin + 1_000,
        presented: begin + 2_000,
        valid: ready - 500,
        ready,
        configured: ready,
        served: ready + 200,
      };
    }),
    stored: [
      { kind: 'Certificate', objects: count, writes: 500, bytes: 800_000 },
      { kind: 'Order', objects: count, writes: 400, bytes: 1_200_000 },
    ],
    mostSolverPods: 60,
    usage: Array.from({ length: 61 }, (_, index) => ({
      at: begin + index * 2_000,
      parts: [
        { part: 'gateway', cpuSeconds: index * 0.1, memoryBytes: 50_000_000 + Math.max(0, index - 10) * 2 * 100_000 },
        { part: 'cert-manager controller', cpuSeconds: index, memoryBytes: 60_000_000 },
        ...(index % 2 === 0 ? [{ part: 'solvers', cpuSeconds: null, memoryBytes: null }] : []),
      ],
    })),
    countersBefore: counters(),
    countersAfter: counters({ api: 4_000, ca: 1_100, etcd: 3_000_000 }),
    machineBusy: 0.8,
    allocatablePods: 110,
    runningPods: 10,
    gatewayLimitBytes: null,
    stalled: null,
    gatewayRestart: null,
    renewStorm: null,
    problems: [],
    ...more,
  };
}
