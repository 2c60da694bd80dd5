/** The checks of the good path that fail where no Order is made. */
export const withoutOrder: readonly string[] = [
  'order-completed',
  'challenge-routed-through-gateway',
  'secret-holds-issued-certificate',
  'solver-left-nothing',
  'gateway-serves-the-secret',
  'chain-ends-at-the-cas-root',
  'backend-answers',
  'browser-shows-padlock',
];

/** The checks that fail besides these where a Challenge stays: the solver's Ingress takes the host from the application's wildcard. */
export const besideAChallenge: readonly string[] = ['plain-http-answers'];

/** The checks of the good path that fail where no certificate is issued and its Challenge stays. */
export const withoutCertificate: readonly string[] = [...withoutOrder, ...besideAChallenge];
