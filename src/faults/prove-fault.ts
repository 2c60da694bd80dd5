import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import { messageOf } from '../error-message.ts';
import { certificateResource } from '../kube/cert-manager-objects.ts';
import { conditionTrue } from '../kube/until.ts';
import { scaled } from '../time-scale.ts';
import type { StandaloneFault } from './fault.ts';
import { certificateOf, curedCertificateOf, type FaultPlace } from './fault-place.ts';
import { cureFault, endFault, stageFault } from './stage-fault.ts';
import { type FaultTracer, namesFault, untilVerdict } from './until-verdict.ts';
import { verdictAgain } from './verdict-again.ts';

/** Hang detection only: how long something takes depends on what is proven beside it and on the machine. */
const namedWithinMs = 420_000;
const readyWithinMs = 480_000;
const servedWithinMs = 240_000;

/** What was seen of a fault that was staged, traced twice, cured and traced again. */
export interface FaultProof {
  readonly id: string;
  /** The verdict that named it, or the last one; null if there was no trace at all. */
  readonly first: Pick<Diagnosis, 'rule' | 'verdict' | 'remedy'> | null;
  /** The verdict of a later trace, without any change in between; see `verdictAgain`. */
  readonly second: Pick<Diagnosis, 'rule' | 'verdict' | 'remedy'> | null;
  /** The rules that traces gave before, in order, and whether they blamed a broken link, and not a step that passes. */
  readonly before: readonly { readonly rule: string; readonly blames: boolean }[];
  /** From the staging to the verdict that names the fault, in ms. */
  readonly namedAfterMs: number | null;
  /** From the cure to the Certificate that is Ready and served, in ms. */
  readonly curedAfterMs: number | null;
  /** What went otherwise than the fault says, one sentence; null if nothing did. */
  readonly problem: string | null;
}

/**
 * Stages a fault, waits for the verdict that its definition promises, asks for it again, cures the fault, waits until the
 * certificate is Ready and served, and removes everything. Never rejects, except with the reason of the place's signal.
 */
export async function proveFault(fault: StandaloneFault, place: FaultPlace, tracer: FaultTracer): Promise<FaultProof> {
  const proof = { ...nothingSeen, id: fault.id };
  try {
    return await prove(fault, place, tracer, proof);
  } catch (error) {
    place.signal?.throwIfAborted();
    return { ...proof, problem: messageOf(error) };
  } finally {
    await endFault(fault, place).catch(() => {});
  }
}

const nothingSeen: Omit<FaultProof, 'id'> = {
  ...{ first: null, second: null, before: [], namedAfterMs: null, curedAfterMs: null, problem: null },
};

/** Fills a proof as it goes, so that a failure leaves in it what was seen. */
async function prove(
  fault: StandaloneFault,
  place: FaultPlace,
  tracer: FaultTracer,
  proof: { -readonly [Field in keyof FaultProof]: FaultProof[Field] },
): Promise<FaultProof> {
  const { id, diagnosedAs } = fault;
  const { signal = new AbortController().signal } = place;
  const names = (diagnosis: Diagnosis) => namesFault(fault, diagnosis);
  const certificate = certificateOf(fault, place);
  const begun = Date.now();
  await stageFault(fault, place);
  const before: { rule: string; blames: boolean }[] = [];
  proof.before = before;
  const { diagnosis: first } = await untilVerdict(tracer, certificate, {
    ...{ what: `a trace to name the fault ${id} (rule ${diagnosedAs})`, withinMs: scaled(namedWithinMs) },
    ...{ holds: names, signal },
    seen(diagnosis) {
      proof.first = diagnosis;
      const { rule, links = [] } = diagnosis;
      if (!names(diagnosis) && before.at(-1)?.rule !== rule)
        before.push({ rule, blames: links.some(({ state }) => state === 'broken') });
    },
  });
  proof.namedAfterMs = Date.now() - begun;
  const second = await verdictAgain(tracer, certificate, { first, names });
  proof.second = second;
  if (fault.cure === undefined || fault.cure.steps.length === 0) throw new Error(`The fault ${id} has no cure.`);
  const cured = Date.now();
  await cureFault(fault, place);
  const served = curedCertificateOf(fault, place);
  await place.kube.waitFor(
    { ...certificateResource, namespace: served.namespace },
    conditionTrue('Certificate', served.name, 'Ready'),
    {
      what: `Certificate ${served.namespace}/${served.name} to be Ready after the cure`,
      withinMs: scaled(readyWithinMs),
      signal,
    },
  );
  await untilVerdict(tracer, served, {
    ...{
      what: `Certificate ${served.namespace}/${served.name} to be served`,
      withinMs: scaled(servedWithinMs),
      signal,
    },
    holds: ({ rule }) => rule === 'served',
  });
  proof.curedAfterMs = Date.now() - cured;
  return proof;
}
