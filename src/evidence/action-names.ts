/**
 * The names of the actions in the evidence: what a scenario did, by its own record. Scenarios and faults write them; checks and
 * the timeline look for them. A name is part of the published evidence: once released it stays.
 */
export const actionNames = {
  /** An object was applied; the detail is Kind/namespace/name. */
  apply: 'apply',
  /** The Issuer or the Certificate became Ready. */
  ready: 'ready',
  /** The Challenge gave a reason that the scenario waited for. */
  challengeReason: 'challenge-reason',
  /** A name was made an alias of another one. */
  alias: 'alias',
  /** The Secret of the account key was deleted. */
  loseAccountKey: 'lose-account-key',
  /** An object was refused, as the scenario expects. */
  refused: 'refused',
  /** No object of a solver is left. */
  solverGone: 'solver-gone',
  /** A host name was pointed at an address. */
  dns: 'dns',
  /** A renewal was asked for. */
  renew: 'renew',
  /** The renewed Certificate is there. */
  renewed: 'renewed',
  /** The Certificate was changed so that it is not renewed again soon. */
  endRenewals: 'end-renewals',
  /** The CA was asked to revoke the certificate. */
  revoke: 'revoke',
  /** A CA of the scenario's own was started, or set up anew. */
  ca: 'ca',
  /** cert-manager was started with further arguments; the detail is those, or "as before". */
  certManagerArguments: 'cert-manager-arguments',
  /** The settings of the mesh were changed, and istiod restarted with them; the detail is what was set, or "as before". */
  meshConfig: 'mesh-config',
  /** The CA was told to suggest a time for a renewal (RFC 9773); the detail is the window. */
  renewalWindow: 'renewal-window',
  /** The CA answers questions about renewals (RFC 9773) in another way from now on; the detail is how, e.g. `404`. */
  renewalInfoAnswers: 'renewal-info-answers',
  /** The Challenge was presented, and cert-manager's self-check failed. */
  presented: 'presented',
  /** An object was deleted; the detail is what it was. */
  delete: 'delete',
  /** Secrets were restored from a backup; the detail is which. */
  restore: 'restore',
  /** Nothing of the issuance is left; the detail is the namespace. */
  nothingLeft: 'nothing-left',
  /** The Secret was made invalid; the detail says how. */
  invalidSecret: 'invalid-secret',
  /** A component was stopped, started or restarted; the detail says which and what. */
  component: 'component',
  /** Something was applied that keeps the challenge from being solved; and was removed. */
  misconfigure: 'misconfigure',
  cure: 'cure',
  removeIngressClass: 'remove-ingress-class',
  createIngressClass: 'create-ingress-class',
  /** cert-manager gave an issuance up; the detail says when. */
  givenUp: 'given-up',
  /** A part failed, of which the scenario is about; the detail is `id (link): what`. It came back; the detail is its id. */
  failureBegins: 'failure-begins',
  failureEnds: 'failure-ends',
  /** A probe was made; the detail is its name. */
  probe: 'probe',
  /** A fault began; the detail is its title. */
  fault: 'fault',
  /** The fault solver-killed killed the solver Pod. */
  killSolver: 'kill-solver',
} as const;

/** The name of an action in the evidence. */
export type ActionName = (typeof actionNames)[keyof typeof actionNames];
