import {
  caIssuanceChecks,
  dns01Checks,
  goodPathChecks,
  http01Checks,
  issuanceChecks,
  servingChecks,
} from '../checks/all-checks.ts';
import type { Check } from '../checks/check.ts';

/** Checks that go together, by the names under which a user's scenario asks for them. */
export const checkGroups: Readonly<Record<string, readonly Check[]>> = {
  /** HTTP-01 through the gateway, served, beside an application that keeps answering plain HTTP. */
  'good-path': goodPathChecks,
  issuance: issuanceChecks,
  http01: http01Checks,
  dns01: dns01Checks,
  serving: servingChecks,
  /** An issuance that nothing serves. */
  'ca-issuance': caIssuanceChecks,
};
