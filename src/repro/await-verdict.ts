import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { ObjectReference } from '../evidence/evidence.ts';
import type { StandaloneFault } from '../faults/fault.ts';
import { certificateOf, curedCertificateOf, type FaultPlace } from '../faults/fault-place.ts';
import { namesFault, untilVerdict } from '../faults/until-verdict.ts';
import { scaled } from '../time-scale.ts';
import type { Outside } from '../trace/outside.ts';
import { type Traced, Tracer } from '../trace/tracer.ts';

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
  const { id, diagnosedAs } = fault;
  return awaitVerdict(certificateOf(fault, wait.place), wait, {
    what: `a trace to name the fault ${id} (rule ${diagnosedAs})`,
    withinMs: symptomWithinMs,
    holds: (diagnosis) => namesFault(fault, diagnosis),
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

async function awaitVerdict(
  certificate: ObjectReference,
  { place: { kube, environment }, outside, signal, onVerdict }: VerdictWait,
  { what, withinMs, holds }: { what: string; withinMs: number; holds(diagnosis: Diagnosis): boolean },
): Promise<Traced> {
  const { nameServers } = environment;
  const tracer = new Tracer({ kube, outside, nameServers, caRoots: [], signal });
  let last = '';
  return await untilVerdict(tracer, certificate, {
    ...{ what, withinMs: scaled(withinMs), signal, holds },
    seen(diagnosis) {
      const told = `${diagnosis.rule}: ${diagnosis.verdict}`;
      if (told !== last && !holds(diagnosis)) onVerdict(diagnosis);
      last = told;
    },
  });
}
