import { diagnose } from '../diagnosis/diagnose.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { ObjectReference } from '../evidence/evidence.ts';
import type { StandaloneFault } from '../faults/fault.ts';
import { certificateOf, curedCertificateOf, type FaultPlace } from '../faults/fault-place.ts';
import { TimeoutError } from '../kube/until.ts';
import { scaled } from '../time-scale.ts';
import { gather } from '../trace/gather.ts';
import { liveCluster } from '../trace/live-cluster.ts';
import type { Outside } from '../trace/outside.ts';
import { untilChanged } from '../trace/until-changed.ts';
import { type Station, walk } from '../trace/walk.ts';

/** What a trace found. */
export interface Traced {
  readonly stations: readonly Station[];
  readonly diagnosis: Diagnosis;
}

/** Whoever waits for a verdict on a fault that is staged. */
export interface VerdictWait {
  readonly place: FaultPlace;
  readonly outside: Outside;
  readonly signal: AbortSignal;
  /** Called with each verdict that differs from the one before. */
  onVerdict(diagnosis: Diagnosis): void;
}

const symptomWithinMs = 180_000;
const servedWithinMs = 240_000;

/** Waits until a trace names the fault, as its definition says. @throws TimeoutError with the last verdict; the signal's reason */
export function awaitSymptom(fault: StandaloneFault, wait: VerdictWait): Promise<Traced> {
  const { id, diagnosedAs, verdict } = fault;
  return awaitVerdict(certificateOf(fault, wait.place), wait, {
    what: `a trace to name the fault ${id} (rule ${diagnosedAs})`,
    withinMs: symptomWithinMs,
    holds: (diagnosis) => diagnosis.rule === diagnosedAs && (verdict?.test(diagnosis.verdict) ?? true),
  });
}

/** Waits until the certificate is issued and served. @throws TimeoutError with the last verdict; the signal's reason */
export function awaitServed(fault: StandaloneFault, wait: VerdictWait): Promise<Traced> {
  const certificate = curedCertificateOf(fault, wait.place);
  return awaitVerdict(certificate, wait, {
    what: `Certificate ${certificate.namespace}/${certificate.name} to be Ready and served`,
    withinMs: servedWithinMs,
    holds: ({ rule }) => rule === 'served',
  });
}

interface Awaited {
  readonly what: string;
  readonly withinMs: number;
  holds(diagnosis: Diagnosis): boolean;
}

async function awaitVerdict(
  { namespace, name }: ObjectReference,
  { place: { kube, environment }, outside, signal, onVerdict }: VerdictWait,
  { what, withinMs, holds }: Awaited,
): Promise<Traced> {
  const limitMs = scaled(withinMs);
  const limit = AbortSignal.timeout(limitMs);
  let last = '';
  for (;;) {
    const { nameServers } = environment;
    const input = await gather({
      ...{ namespace, name, outside, nameServers, signal, cluster: liveCluster(kube), caRoots: [] },
    });
    const diagnosis = diagnose(input);
    if (holds(diagnosis)) return { stations: walk(input), diagnosis };
    const told = `${diagnosis.rule}: ${diagnosis.verdict}`;
    if (told !== last) onVerdict(diagnosis);
    last = told;
    try {
      await untilChanged(kube, namespace, AbortSignal.any([signal, limit]));
    } catch (error) {
      signal.throwIfAborted();
      if (limit.aborted) throw new TimeoutError(what, limitMs, told);
      throw error;
    }
  }
}
