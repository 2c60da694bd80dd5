import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { ObjectReference } from '../evidence/evidence.ts';
import { TimeoutError } from '../kube/until.ts';
import type { StandaloneFault } from './fault.ts';

/** What a trace gives at least. */
export interface Seen {
  readonly diagnosis: Diagnosis;
}

/** How a fault is looked at. */
export interface FaultTracer<Trace extends Seen = Seen> {
  trace(certificate: ObjectReference): Promise<Trace>;
  /** Resolves when an object of the issuance changed in a namespace, and after some seconds in any case. */
  untilChanged(namespace: string, signal: AbortSignal): Promise<void>;
}

interface AwaitedVerdict {
  readonly what: string;
  readonly withinMs: number;
  readonly signal: AbortSignal;
  holds(diagnosis: Diagnosis): boolean;
  /** Called with each diagnosis, that which holds included. */
  seen?(diagnosis: Diagnosis): void;
}

/** Whether a diagnosis is the one that the definition of a fault promises. */
export function namesFault({ diagnosedAs, verdict }: StandaloneFault, diagnosis: Diagnosis): boolean {
  return diagnosis.rule === diagnosedAs && (verdict?.test(diagnosis.verdict) ?? true);
}

/** Traces until a verdict holds. @throws TimeoutError with the last verdict; the signal's reason */
export async function untilVerdict<Trace extends Seen>(
  tracer: FaultTracer<Trace>,
  certificate: ObjectReference,
  { what, withinMs, signal, holds, seen }: AwaitedVerdict,
): Promise<Trace> {
  const limit = AbortSignal.timeout(withinMs);
  for (;;) {
    signal.throwIfAborted();
    const trace = await tracer.trace(certificate);
    const { diagnosis } = trace;
    seen?.(diagnosis);
    if (holds(diagnosis)) return trace;
    try {
      limit.throwIfAborted();
      await tracer.untilChanged(certificate.namespace, AbortSignal.any([signal, limit]));
    } catch (error) {
      if (!limit.aborted || signal.aborted) throw error;
      throw new TimeoutError(what, withinMs, `${diagnosis.rule}: ${diagnosis.verdict.replace(/\.$/, '')}`);
    }
  }
}
