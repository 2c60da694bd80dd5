import type { Evidence } from '../evidence/evidence.ts';
import { skipped, type Verdict } from './check.ts';

/** The verdict of a check that needs the CA's roots where nobody said what they are, or null where they are known. */
export function unknownRoots(evidence: Evidence): Verdict | null {
  if (evidence.ca.roots.length > 0) return null;
  return skipped(
    `The roots of the CA at ${evidence.ca.directoryUrl} are not known (ca.roots is empty), so nothing can be verified against them; give them with --ca-root.`,
  );
}
