import { scaledLimits } from '../../time-scale.ts';

/** The limits of a scenario's waits, in milliseconds, on this machine. */
export const within = scaledLimits({
  available: 60_000,
  address: 15_000,
  /** On a cluster of others a cloud first creates a load balancer. */
  addressOfOthers: 90_000,
  issuerReady: 30_000,
  certificateReady: 90_000,
  /** The time until a leaf of a scenario's own CA is due, and an issuance. */
  renewedByTime: 120_000,
  /** cert-manager asks for it when the Secret has the certificate. */
  renewalInfo: 30_000,
  /** The solver Pod starts, and cert-manager checks it for the first time. */
  presented: 60_000,
  /** The kubelet gives a solver Pod 30 s to end. */
  deleted: 90_000,
  /** A gateway that lost istiod tries again with growing pauses of up to 30 s. */
  caughtUp: 90_000,
  /** Twice the duration of an issuance with cert-manager's own waits. */
  certificateDespiteFault: 45_000,
  /** The kubelet gives a Pod 30 s to end. */
  solverGone: 45_000,
  /** cert-manager sleeps for 60 s in a self-check of DNS-01 before it reads the Challenge again. */
  challengesGone: 75_000,
  application: 20_000,
  served: 20_000,
  request: 5_000,
  browser: 30_000,
  /** From the end of a failure: cert-manager and its client of the CA retry with growing pauses. */
  recovered: 240_000,
  /** What a scenario probes while a failure lasts. */
  lookMeanwhile: 10_000,
  /** What cert-manager does by itself, it does within its longest pause between two tries to present a Challenge. */
  curedByItself: 60_000,
});
