import type { Evidence } from '../evidence/evidence.ts';
import { type Issuance, missingChallenge } from '../issuance/issuance.ts';
import { validatedBeforehand } from '../issuance/validated-beforehand.ts';
import { failed, notApplicable, type Verdict } from './check.ts';

/** Of a check of Challenges that finds none: it does not apply if the CA had validated the names before, else it fails. */
export function withoutChallenge(evidence: Evidence, issuance: Issuance): Verdict {
  const reason = validatedBeforehand(issuance);
  return reason === null ? failed(missingChallenge(evidence, issuance)) : notApplicable(reason);
}
