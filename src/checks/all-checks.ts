import { accountRegistered } from './account-registered.ts';
import { backendAnswers } from './backend-answers.ts';
import { browserShowsPadlock } from './browser-shows-padlock.ts';
import { chainEndsAtTheCasRoot } from './chain-ends-at-the-cas-root.ts';
import { challengePathNeverReachedSolver } from './challenge-path-never-reached-solver.ts';
import { challengeReports404 } from './challenge-reports-404.ts';
import { challengeRoutedThroughGateway } from './challenge-routed-through-gateway.ts';
import type { Check } from './check.ts';
import { gatewayServesTheSecret } from './gateway-serves-the-secret.ts';
import { orderCompleted } from './order-completed.ts';
import { secretHoldsIssuedCertificate } from './secret-holds-issued-certificate.ts';
import { solverIngressGotNoAddress } from './solver-ingress-got-no-address.ts';
import { solverLeftNothing } from './solver-left-nothing.ts';

/** The checks of an issuance that completes and is served, in the order of the issuance. */
export const goodPathChecks: readonly Check[] = [
  accountRegistered,
  orderCompleted,
  challengeRoutedThroughGateway,
  secretHoldsIssuedCertificate,
  solverLeftNothing,
  gatewayServesTheSecret,
  chainEndsAtTheCasRoot,
  backendAnswers,
  browserShowsPadlock,
];

/** The further checks of the scenario missing-ingress-class, on the time before its IngressClass was created. */
export const missingIngressClassChecks: readonly Check[] = [
  solverIngressGotNoAddress,
  challengePathNeverReachedSolver,
  challengeReports404,
];

/** Every check by its id. */
export const allChecks: ReadonlyMap<string, Check> = new Map(
  [...goodPathChecks, ...missingIngressClassChecks].map((check) => [check.id, check]),
);
