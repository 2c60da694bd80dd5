import packageJson from '../../package.json' with { type: 'json' };
import { addedTo, type ClusterCounters } from './cluster-metrics.ts';
import { type GrowthPoint, growthOf } from './growth.ts';
import type { CertificateRecord, StoredKind } from './issuance-ledger.ts';
import type { LoadShape } from './load-plan.ts';
import { type LoadReport, loadPhases, loadSchemaVersion } from './load-report.ts';
import { floorMs, nextLimits } from './next-limit.ts';
import type { UsageSample } from './part-usage.ts';
import { quantile } from './quantile.ts';

/** Everything that was recorded of a load. */
export interface LoadRecording {
  readonly shape: LoadShape;
  readonly startedAt: Date;
  readonly machine: LoadReport['machine'];
  readonly environment: LoadReport['environment'];
  readonly components: LoadReport['components'];
  readonly ca: LoadReport['ca'];
  readonly records: readonly CertificateRecord[];
  readonly stored: readonly StoredKind[];
  readonly mostSolverPods: number;
  /** In the order of time. */
  readonly usage: readonly UsageSample[];
  readonly countersBefore: ClusterCounters;
  readonly countersAfter: ClusterCounters;
  /** The share of all cores that was busy, 0 to 1; null if unknown. */
  readonly machineBusy: number | null;
  readonly allocatablePods: number | null;
  readonly runningPods: number | null;
  readonly gatewayLimitBytes: number | null;
  readonly stalled: string | null;
  readonly gatewayRestart: LoadReport['gatewayRestart'];
  readonly renewStorm: LoadReport['renewStorm'];
  readonly problems: readonly string[];
}

const mostTimelinePoints = 300;

/** The report of a load, from what was recorded alone. */
export function reportOfLoad(recording: LoadRecording): LoadReport {
  const { shape, records, usage, countersBefore, countersAfter } = recording;
  const requested = timesOf(records, 'requested');
  const begin = Math.min(...requested, Number.POSITIVE_INFINITY);
  const ready = timesOf(records, 'ready');
  const served = timesOf(records, 'served');
  const parts = partsOf(usage, ready, shape.certificates);
  const gateway = parts.find(({ part }) => part === 'gateway');
  const per = (value: number | null) => (value === null || ready.length === 0 ? null : value / ready.length);
  const apiRequests = sortedRequests(addedTo(countersBefore.apiRequests, countersAfter.apiRequests));
  const caRequests = sortedRequests(addedTo(countersBefore.caRequests, countersAfter.caRequests));
  const totalOf = (requests: LoadReport['apiRequests']) =>
    requests.length === 0 ? null : requests.reduce((sum, { count }) => sum + count, 0);
  const etcdBytes =
    countersBefore.etcdBytes === null || countersAfter.etcdBytes === null
      ? null
      : Math.max(0, countersAfter.etcdBytes - countersBefore.etcdBytes);
  const cpu = parts.flatMap(({ cpuSeconds }) => cpuSeconds ?? []);
  const sumStored = (field: 'bytes' | 'writes') => recording.stored.reduce((sum, one) => sum + one[field], 0);
  return {
    schemaVersion: loadSchemaVersion,
    padlock: { version: packageJson.version },
    startedAt: recording.startedAt.toISOString(),
    machine: recording.machine,
    environment: recording.environment,
    components: [...recording.components],
    ca: recording.ca,
    shape: { ...shape },
    outcome: outcomeOf({ shape, begin, ready, served, stalled: recording.stalled }),
    phases: loadPhases.flatMap(({ id, title, from, to }) => {
      const durations = records.flatMap((record) => {
        const [start, end] = [record[from], record[to]];
        return start === undefined || end === undefined ? [] : [end - start];
      });
      const [p50, p95, p99, max] = [0.5, 0.95, 0.99, 1].map((share) => quantile(durations, share));
      if (p50 == null || p95 == null || p99 == null || max == null) return [];
      return { id, title, count: durations.length, p50, p95, p99, max };
    }),
    latencyGrowth: growthOf(
      records
        .flatMap(({ requested: start, ready: end }) =>
          start === undefined || end === undefined ? [] : [{ end, value: end - start }],
        )
        .toSorted((one, other) => one.end - other.end)
        .map(({ value }, index) => ({ size: index + 1, value })),
    ),
    parts,
    machineBusy: recording.machineBusy,
    perCertificate: {
      apiRequests: per(totalOf(apiRequests)),
      caRequests: per(totalOf(caRequests)),
      etcdBytes: per(etcdBytes),
      storedBytes: per(sumStored('bytes')) ?? 0,
      writes: per(sumStored('writes')) ?? 0,
      cpuSeconds: cpu.length === 0 ? null : per(cpu.reduce((sum, seconds) => sum + seconds, 0)),
    },
    apiRequests,
    caRequests,
    stored: [...recording.stored].toSorted((one, other) => other.bytes - one.bytes),
    mostSolverPods: recording.mostSolverPods,
    gatewayRestart: recording.gatewayRestart,
    renewStorm: recording.renewStorm,
    nextLimit: nextLimits({
      ...{ solver: shape.solver, certificates: shape.certificates, mostSolverPods: recording.mostSolverPods },
      ...{ allocatablePods: recording.allocatablePods, runningPods: recording.runningPods },
      machineBusy: recording.machineBusy,
      gatewayBytesPerCertificate: gateway?.memoryGrowth.perUnit ?? null,
      gatewayMemoryBytes: gateway?.memoryLastBytes ?? null,
      gatewayLimitBytes: recording.gatewayLimitBytes,
      restart: recording.gatewayRestart,
    }),
    timeline: timelineOf(usage, begin, ready, served),
    problems: [...recording.problems],
  };
}

function timesOf(records: readonly CertificateRecord[], moment: keyof CertificateRecord): number[] {
  return records.flatMap((record) => record[moment] ?? []).toSorted((one, other) => one - other);
}

interface Outcome {
  readonly shape: LoadShape;
  readonly begin: number;
  readonly ready: readonly number[];
  readonly served: readonly number[];
  readonly stalled: string | null;
}

function outcomeOf({ shape, begin, ready, served, stalled }: Outcome): LoadReport['outcome'] {
  const all = shape.certificates;
  const readyAt = ready.length === all ? ready.at(-1) : undefined;
  const servedAt = served.length === all ? served.at(-1) : undefined;
  const readyMs = readyAt === undefined ? null : readyAt - begin;
  const waits = floorMs(shape.solver, all);
  const sending = shape.ratePerSecond === null ? 0 : ((all - 1) / shape.ratePerSecond) * 1_000;
  const floor = waits === null ? null : Math.max(waits, sending);
  return {
    ready: ready.length,
    served: served.length,
    stalled,
    readyMs,
    servedMs: servedAt === undefined ? null : servedAt - begin,
    lastServedAfterReadyMs: servedAt === undefined || readyAt === undefined ? null : servedAt - readyAt,
    certificatesPerSecond: readyMs === null || readyMs === 0 ? null : (all / readyMs) * 1_000,
    floorMs: floor,
    excessMs: floor === null || readyMs === null ? null : readyMs - floor,
  };
}

/** How many of the sorted moments are past. */
function countUntil(moments: readonly number[], at: number): number {
  const later = moments.findIndex((moment) => moment > at);
  return later < 0 ? moments.length : later;
}

function partsOf(usage: readonly UsageSample[], ready: readonly number[], all: number): LoadReport['parts'] {
  const names = [...new Set(usage.flatMap(({ parts }) => parts.map(({ part }) => part)))];
  const described = names.map((name) => {
    const seen = usage.flatMap(({ at, parts }) => {
      const found = parts.find(({ part }) => part === name);
      return found === undefined ? [] : [{ at, ...found }];
    });
    const memory = seen.flatMap(({ at, memoryBytes }) => (memoryBytes === null ? [] : [{ at, value: memoryBytes }]));
    const cpuSeconds = usedCpu(seen.map((one) => one.cpuSeconds));
    const points: GrowthPoint[] = memory.flatMap(({ at, value }) => {
      const size = countUntil(ready, at);
      return size === 0 || size > all ? [] : [{ size, value }];
    });
    return {
      part: name,
      cpuSeconds,
      cpuSecondsPerCertificate: cpuSeconds === null || ready.length === 0 ? null : cpuSeconds / ready.length,
      memoryFirstBytes: memory[0]?.value ?? null,
      memoryLastBytes: memory.at(-1)?.value ?? null,
      memoryPeakBytes: memory.length === 0 ? null : Math.max(...memory.map(({ value }) => value)),
      memoryGrowth: growthOf(points),
    };
  });
  return described.toSorted((one, other) => (other.cpuSeconds ?? 0) - (one.cpuSeconds ?? 0));
}

/** The CPU used from the first to the last reading. Where a part began anew or lost a process, its counter fell: that counts as nothing. */
function usedCpu(readings: readonly (number | null)[]): number | null {
  const known = readings.flatMap((reading) => (reading === null ? [] : [reading]));
  if (known.length < 2) return null;
  return known.reduce((sum, reading, index) => sum + Math.max(0, reading - (known[index - 1] ?? reading)), 0);
}

function sortedRequests(requests: ReadonlyMap<string, number>): LoadReport['apiRequests'] {
  return [...requests]
    .map(([request, count]) => ({ request, count }))
    .toSorted((one, other) => other.count - one.count || one.request.localeCompare(other.request, 'en'));
}

function timelineOf(
  usage: readonly UsageSample[],
  begin: number,
  ready: readonly number[],
  served: readonly number[],
): LoadReport['timeline'] {
  const step = Math.max(1, Math.ceil(usage.length / mostTimelinePoints));
  const chosen = usage.filter((_, index) => index % step === 0 || index === usage.length - 1);
  return chosen.map(({ at, parts }, index) => {
    const before = chosen[index - 1];
    return {
      atMs: at - begin,
      ready: countUntil(ready, at),
      served: countUntil(served, at),
      parts: parts.map(({ part, cpuSeconds, memoryBytes }) => {
        const earlier = before?.parts.find((one) => one.part === part)?.cpuSeconds ?? null;
        const span = before === undefined ? 0 : (at - before.at) / 1_000;
        const cores = cpuSeconds === null || earlier === null || span <= 0 ? null : (cpuSeconds - earlier) / span;
        return { part, cpuCores: cores === null ? null : Math.max(0, cores), memoryBytes };
      }),
    };
  });
}
