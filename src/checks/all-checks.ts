import { accountRegistered } from './account-registered.ts';
import { backendAnswers } from './backend-answers.ts';
import { browserShowsPadlock } from './browser-shows-padlock.ts';
import { caReachedTheSolver } from './ca-reached-the-solver.ts';
import { certificateRenewed } from './certificate-renewed.ts';
import { chainEndsAtTheCasRoot } from './chain-ends-at-the-cas-root.ts';
import { chainInSecretEndsAtTheCasRoot } from './chain-in-secret-ends-at-the-cas-root.ts';
import { challengePathNeverReachedSolver } from './challenge-path-never-reached-solver.ts';
import { challengeReports404 } from './challenge-reports-404.ts';
import { challengeRoutedThroughGateway } from './challenge-routed-through-gateway.ts';
import { challengesByDns01 } from './challenges-by-dns01.ts';
import type { Check } from './check.ts';
import { gatewayServesTheSecret } from './gateway-serves-the-secret.ts';
import { leafHasTheKeyAsked } from './leaf-has-the-key-asked.ts';
import { orderCompleted } from './order-completed.ts';
import { preferredChainChosen } from './preferred-chain-chosen.ts';
import { profileOrdered } from './profile-ordered.ts';
import { revokedOnRequest } from './revoked-on-request.ts';
import { secretHoldsIssuedCertificate } from './secret-holds-issued-certificate.ts';
import { solverIngressGotNoAddress } from './solver-ingress-got-no-address.ts';
import { solverLeftNothing } from './solver-left-nothing.ts';
import { validityAsAsked } from './validity-as-asked.ts';

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

/** The checks of an issuance from which nothing is served: what the CA owes whoever asks over cert-manager. */
export const issuanceChecks: readonly Check[] = [
  accountRegistered,
  orderCompleted,
  secretHoldsIssuedCertificate,
  leafHasTheKeyAsked,
  chainInSecretEndsAtTheCasRoot,
];

/** Those of a feature of the CA each. */
export const caFeatureChecks: readonly Check[] = [
  caReachedTheSolver,
  challengesByDns01,
  certificateRenewed,
  validityAsAsked,
  preferredChainChosen,
  profileOrdered,
  revokedOnRequest,
];

/** Every check by its id. */
export const allChecks: ReadonlyMap<string, Check> = new Map(
  [...goodPathChecks, ...missingIngressClassChecks, ...issuanceChecks, ...caFeatureChecks].map((check) => [
    check.id,
    check,
  ]),
);
