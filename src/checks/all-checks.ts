import type { Check } from './check.ts';
import { challengeWasDelegated } from './dns-01/challenge-was-delegated.ts';
import { challengesByDns01 } from './dns-01/challenges-by-dns01.ts';
import { validatedWithoutSelfCheck } from './dns-01/validated-without-self-check.ts';
import { caReachedTheSolver } from './http-01/ca-reached-the-solver.ts';
import { challengePathNeverReachedSolver } from './http-01/challenge-path-never-reached-solver.ts';
import { challengeReports404 } from './http-01/challenge-reports-404.ts';
import { challengeRoutedThroughGateway } from './http-01/challenge-routed-through-gateway.ts';
import { challengeWaitsForTheCure } from './http-01/challenge-waits-for-the-cure.ts';
import { solverIngressGotNoAddress } from './http-01/solver-ingress-got-no-address.ts';
import { solverLeftNothing } from './http-01/solver-left-nothing.ts';
import { accountRecovered } from './issuance/account-recovered.ts';
import { accountRegistered } from './issuance/account-registered.ts';
import { certificateOfShim } from './issuance/certificate-of-shim.ts';
import { certificateRenewed } from './issuance/certificate-renewed.ts';
import { chainInSecretEndsAtTheCasRoot } from './issuance/chain-in-secret-ends-at-the-cas-root.ts';
import { keyRotatedAsAsked } from './issuance/key-rotated-as-asked.ts';
import { leafHasTheKeyAsked } from './issuance/leaf-has-the-key-asked.ts';
import { leafIsShortLived } from './issuance/leaf-is-short-lived.ts';
import { orderCompleted } from './issuance/order-completed.ts';
import { preferredChainChosen } from './issuance/preferred-chain-chosen.ts';
import { profileOrdered } from './issuance/profile-ordered.ts';
import { refusedWithItsReason } from './issuance/refused-with-its-reason.ts';
import { revokedOnRequest } from './issuance/revoked-on-request.ts';
import { secretHoldsIssuedCertificate } from './issuance/secret-holds-issued-certificate.ts';
import { solverBySelector } from './issuance/solver-by-selector.ts';
import { validityAsAsked } from './issuance/validity-as-asked.ts';
import { catchesUpWithTheSecret } from './lifecycle/catches-up-with-the-secret.ts';
import { nothingStays } from './lifecycle/nothing-stays.ts';
import { restoredWithoutAnOrder } from './lifecycle/restored-without-an-order.ts';
import { revokedLeafIsReplaced } from './lifecycle/revoked-leaf-is-replaced.ts';
import { rootOfSecretChanged } from './lifecycle/root-of-secret-changed.ts';
import { startsWithTheNewCertificate } from './lifecycle/starts-with-the-new-certificate.ts';
import { coalescedRequestFindsItsSite } from './mesh/coalesced-request-finds-its-site.ts';
import { oldCertificateStaysServed } from './mesh/old-certificate-stays-served.ts';
import { reachedByMutualTls } from './mesh/reached-by-mutual-tls.ts';
import { secondGatewayServesTheSecret } from './mesh/second-gateway-serves-the-secret.ts';
import { tokenIsDemanded } from './mesh/token-is-demanded.ts';
import { unselectedIsLeftAlone } from './mesh/unselected-is-left-alone.ts';
import { asksAgainWhenTheCaSays } from './renewal/asks-again-when-the-ca-says.ts';
import { noHandshakeFailed } from './renewal/no-handshake-failed.ts';
import { openConnectionGoesOn } from './renewal/open-connection-goes-on.ts';
import { orderReplacesTheCertificate } from './renewal/order-replaces-the-certificate.ts';
import { ordersWithoutARefusedReplaces } from './renewal/orders-without-a-refused-replaces.ts';
import { recoversByItself } from './renewal/recovers-by-itself.ts';
import { renewalInformationWasRefused } from './renewal/renewal-information-was-refused.ts';
import { renewedByRenewalInformation } from './renewal/renewed-by-renewal-information.ts';
import { renewedByTime } from './renewal/renewed-by-time.ts';
import { serialsFollowTheSecret } from './renewal/serials-follow-the-secret.ts';
import { backendAnswers } from './serving/backend-answers.ts';
import { browserShowsPadlock } from './serving/browser-shows-padlock.ts';
import { chainEndsAtTheCasRoot } from './serving/chain-ends-at-the-cas-root.ts';
import { clientCertificateIsDemanded } from './serving/client-certificate-is-demanded.ts';
import { gatewayServesTheSecret } from './serving/gateway-serves-the-secret.ts';
import { offersPostQuantumKeyExchange } from './serving/offers-post-quantum-key-exchange.ts';
import { plainHttpAnswers } from './serving/plain-http-answers.ts';
import { plainHttpRedirects } from './serving/plain-http-redirects.ts';

/** For every issuance: the account, the order and the Secret. */
export const issuanceChecks: readonly Check[] = [accountRegistered, orderCompleted, secretHoldsIssuedCertificate];

/** For an HTTP-01 Challenge, solved through the gateway. */
export const http01Checks: readonly Check[] = [challengeRoutedThroughGateway, solverLeftNothing];

/** For a DNS-01 Challenge. */
export const dns01Checks: readonly Check[] = [challengesByDns01];

/** For a certificate that the gateway serves. The check of plain HTTP is separate, because it depends on the scenario's `expects`. */
export const servingChecks: readonly Check[] = [
  gatewayServesTheSecret,
  chainEndsAtTheCasRoot,
  backendAnswers,
  browserShowsPadlock,
];

/** For an HTTP-01 issuance that completes and is served, next to an application that keeps answering plain HTTP. */
export const goodPathChecks: readonly Check[] = [
  ...issuanceChecks,
  ...http01Checks,
  ...servingChecks,
  plainHttpAnswers,
];

/** For the scenario missing-ingress-class: the time before its IngressClass is created. */
export const missingIngressClassChecks: readonly Check[] = [
  solverIngressGotNoAddress,
  challengePathNeverReachedSolver,
  challengeReports404,
];

/** For an issuance that nothing serves: what any CA must provide to cert-manager. */
export const caIssuanceChecks: readonly Check[] = [
  ...issuanceChecks,
  leafHasTheKeyAsked,
  chainInSecretEndsAtTheCasRoot,
];

/** One check for each feature of the CA. */
export const caFeatureChecks: readonly Check[] = [
  caReachedTheSolver,
  certificateRenewed,
  validityAsAsked,
  preferredChainChosen,
  profileOrdered,
  revokedOnRequest,
];

/** For certificates that change while clients connect. */
export const handshakeChecks: readonly Check[] = [noHandshakeFailed, serialsFollowTheSecret, openConnectionGoesOn];

/** For certificates that cert-manager renews by its own clock while clients connect. */
export const renewalByTimeChecks: readonly Check[] = [renewedByTime, ...handshakeChecks];

/** For certificates that are renewed because the CA asks for it (RFC 9773). */
export const renewalByAriChecks: readonly Check[] = [renewedByRenewalInformation, orderReplacesTheCertificate];

/** Every check by its id. */
export const allChecks: ReadonlyMap<string, Check> = new Map(
  [
    ...goodPathChecks,
    ...missingIngressClassChecks,
    ...caIssuanceChecks,
    ...dns01Checks,
    plainHttpRedirects,
    challengeWaitsForTheCure,
    clientCertificateIsDemanded,
    oldCertificateStaysServed,
    reachedByMutualTls,
    secondGatewayServesTheSecret,
    tokenIsDemanded,
    unselectedIsLeftAlone,
    coalescedRequestFindsItsSite,
    catchesUpWithTheSecret,
    nothingStays,
    revokedLeafIsReplaced,
    restoredWithoutAnOrder,
    rootOfSecretChanged,
    startsWithTheNewCertificate,
    ...caFeatureChecks,
    ...renewalByTimeChecks,
    ...renewalByAriChecks,
    renewalInformationWasRefused,
    asksAgainWhenTheCaSays,
    ordersWithoutARefusedReplaces,
    accountRecovered,
    validatedWithoutSelfCheck,
    challengeWasDelegated,
    certificateOfShim,
    recoversByItself,
    keyRotatedAsAsked,
    leafIsShortLived,
    solverBySelector,
    offersPostQuantumKeyExchange,
    refusedWithItsReason,
  ].map((check) => [check.id, check]),
);
