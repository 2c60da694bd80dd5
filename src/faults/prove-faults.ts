import type { StandaloneFault } from './fault.ts';
import type { FaultPlace } from './fault-place.ts';
import { type FaultProof, proveFault } from './prove-fault.ts';
import type { FaultTracer } from './until-verdict.ts';

/**
 * Proves faults side by side, so many at once, as most of the time is cert-manager's own waits. Those that slow down others
 * come last. The proofs are in the order of the faults.
 */
export async function proveFaults(
  faults: readonly StandaloneFault[],
  place: FaultPlace,
  tracer: FaultTracer,
  { atOnce, onProof }: { readonly atOnce: number; onProof?(proof: FaultProof): void },
): Promise<readonly FaultProof[]> {
  const proofs = new Map<string, FaultProof>();
  const slowing = ({ onItsOwn }: StandaloneFault) => onItsOwn.slowsOthers !== undefined;
  for (const group of [faults.filter((each) => !slowing(each)), faults.filter(slowing)]) {
    const left = group.values();
    const prove = async () => {
      for (const fault of left) {
        const proof = await proveFault(fault, place, tracer);
        proofs.set(fault.id, proof);
        onProof?.(proof);
      }
    };
    // An interrupted proof still removes what it staged, so that all are waited for.
    await Promise.allSettled(Array.from({ length: Math.min(atOnce, group.length) }, prove));
    place.signal?.throwIfAborted();
  }
  return faults.flatMap(({ id }) => proofs.get(id) ?? []);
}
