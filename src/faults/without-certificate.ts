/** The checks of the good path that fail where no certificate is issued. */
export const withoutCertificate: readonly string[] = [
  'order-completed',
  'challenge-routed-through-gateway',
  'secret-holds-issued-certificate',
  'solver-left-nothing',
  'gateway-serves-the-secret',
  'chain-ends-at-the-cas-root',
  'backend-answers',
  // The solver's Ingress, which stays, takes the host from the application's wildcard.
  'plain-http-answers',
  'browser-shows-padlock',
];
