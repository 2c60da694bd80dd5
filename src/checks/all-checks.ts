import type { Check } from './check.ts';
import { challengesByDns01 } from './dns-01/challenges-by-dns01.ts';
import { caReachedTheSolver } from './http-01/ca-reached-the-solver.ts';
import { challengePathNeverReachedSolver } from './http-01/challenge-path-never-reached-solver.ts';
import { challengeReports404 } from './http-01/challenge-reports-404.ts';
import { challengeRoutedThroughGateway } from './http-01/challenge-routed-through-gateway.ts';
import { solverIngressGotNoAddress } from './http-01/solver-ingress-got-no-address.ts';
import { solverLeftNothing } from './http-01/solver-left-nothing.ts';
import { accountRegistered } from './issuance/account-registered.ts';
import { certificateRenewed } from './issuance/certificate-renewed.ts';
import { chainInSecretEndsAtTheCasRoot } from './issuance/chain-in-secret-ends-at-the-cas-root.ts';
import { leafHasTheKeyAsked } from './issuance/leaf-has-the-key-asked.ts';
import { orderCompleted } from './issuance/order-completed.ts';
import { preferredChainChosen } from './issuance/preferred-chain-chosen.ts';
import { profileOrdered } from './issuance/profile-ordered.ts';
import { revokedOnRequest } from './issuance/revoked-on-request.ts';
import { secretHoldsIssuedCertificate } from './issuance/secret-holds-issued-certificate.ts';
import { validityAsAsked } from './issuance/validity-as-asked.ts';
import { backendAnswers } from './serving/backend-answers.ts';
import { browserShowsPadlock } from './serving/browser-shows-padlock.ts';
import { chainEndsAtTheCasRoot } from './serving/chain-ends-at-the-cas-root.ts';
import { gatewayServesTheSecret } from './serving/gateway-serves-the-secret.ts';
import { plainHttpAnswers } from './serving/plain-http-answers.ts';
import { plainHttpRedirects } from './serving/plain-http-redirects.ts';

/** Of any issuance: the account, the order and the Secret. */
export const issuanceChecks: readonly Check[] = [accountRegistered, orderCompleted, secretHoldsIssuedCertificate];

/** Of a Challenge that is solved over HTTP-01, through the gateway. */
export const http01Checks: readonly Check[] = [challengeRoutedThroughGateway, solverLeftNothing];

/** Of a Challenge that is solved by DNS-01. */
export const dns01Checks: readonly Check[] = [challengesByDns01];

/** Of a certificate that the gateway serves. What plain HTTP does beside it depends on what the scenario expects. */
export const servingChecks: readonly Check[] = [
  gatewayServesTheSecret,
  chainEndsAtTheCasRoot,
  backendAnswers,
  browserShowsPadlock,
];

/** An issuance over HTTP-01 that completes and is served, beside an application that keeps answering plain HTTP. */
export const goodPathChecks: readonly Check[] = [
  ...issuanceChecks,
  ...http01Checks,
  ...servingChecks,
  plainHttpAnswers,
];

/** Of the scenario missing-ingress-class, on the time before its IngressClass was created. */
export const missingIngressClassChecks: readonly Check[] = [
  solverIngressGotNoAddress,
  challengePathNeverReachedSolver,
  challengeReports404,
];

/** Of an issuance from which nothing is served: what the CA owes whoever asks over cert-manager. */
export const caIssuanceChecks: readonly Check[] = [
  ...issuanceChecks,
  leafHasTheKeyAsked,
  chainInSecretEndsAtTheCasRoot,
];

/** Of one feature of the CA each. */
export const caFeatureChecks: readonly Check[] = [
  caReachedTheSolver,
  certificateRenewed,
  validityAsAsked,
  preferredChainChosen,
  profileOrdered,
  revokedOnRequest,
];

/** Every check by its id. */
export const allChecks: ReadonlyMap<string, Check> = new Map(
  [
    ...goodPathChecks,
    ...missingIngressClassChecks,
    ...caIssuanceChecks,
    ...dns01Checks,
    plainHttpRedirects,
    ...caFeatureChecks,
  ].map((check) => [check.id, check]),
);
