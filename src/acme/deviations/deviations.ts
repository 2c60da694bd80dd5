import { accountDeviations } from './account-deviations.ts';
import { challengeDeviations } from './challenge-deviations.ts';
import type { Deviation } from './deviation.ts';
import { identifierDeviations } from './identifier-deviations.ts';
import { issuanceDeviations } from './issuance-deviations.ts';
import { leafDeviations } from './leaf-deviations.ts';
import { orderDeviations } from './order-deviations.ts';
import { revocationDeviations } from './revocation-deviations.ts';
import { transportDeviations } from './transport-deviations.ts';
import { validationDeviations } from './validation-deviations.ts';

/** Every deviation, in the order of the catalogue. */
export const deviations: readonly Deviation[] = [
  ...transportDeviations,
  ...accountDeviations,
  ...orderDeviations,
  ...challengeDeviations,
  ...validationDeviations,
  ...issuanceDeviations,
  ...leafDeviations,
  ...revocationDeviations,
  ...identifierDeviations,
];
