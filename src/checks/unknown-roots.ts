import type { Evidence } from '../evidence/evidence.ts';
import { skipped, type Verdict } from './check.ts';

/** The verdict of a check that needs the CA's roots when they are unknown; null when they are known. */
export function unknownRoots(evidence: Evidence): Verdict | null {
  if (evidence.ca.roots.length > 0) return null;
  return skipped(
    `The roots of the CA at ${evidence.ca.directoryUrl} are unknown (ca.roots is empty), so no chain can be verified; pass them with --ca-root.`,
  );
}
