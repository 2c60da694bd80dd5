import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { ObjectReference } from '../evidence/evidence.ts';
import type { FaultTracer } from './until-verdict.ts';

/** How often the state may move on between two traces, such as from a connection that is refused to one that is reset. */
const mostChanges = 2;

/**
 * Traces again without any change: the verdict must come again in the same words. Where the words differ, the cluster may have moved on
 * in between, as cert-manager goes on with its self-checks. Then the fault must still be named, and the next trace must say the same. A
 * verdict between them may be that a step has begun, such as the start of a solver.
 *
 * @returns the verdict that came twice
 * @throws Error with both verdicts
 */
export async function verdictAgain(
  tracer: Pick<FaultTracer, 'trace'>,
  certificate: ObjectReference,
  { first, names }: { readonly first: Diagnosis; names(diagnosis: Diagnosis): boolean },
): Promise<Diagnosis> {
  let before = first;
  for (let changes = 0; ; changes += 1) {
    const { diagnosis } = await tracer.trace(certificate);
    if (diagnosis.verdict === before.verdict) return diagnosis;
    const isNamed = names(diagnosis);
    const isStep = diagnosis.links?.find(({ link }) => link === diagnosis.link)?.state === 'waiting';
    if ((!isNamed && !isStep) || changes === mostChanges) {
      throw new Error(`A trace gave "${before.verdict}", and the next one another verdict: ${diagnosis.verdict}`);
    }
    if (isNamed) before = diagnosis;
  }
}
