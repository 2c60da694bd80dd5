import type { Evidence, ObjectHistory } from '../evidence/evidence.ts';
import { findIssuance, type Issuance, type RecordedChallenge } from './issuance.ts';
import { appliedAt, firstAt, isReady, type Moment, type TimedRequest, timedRequests } from './issuance-moments.ts';
import { issuerKind } from './issuer-kind.ts';
import { onOneClock } from './one-clock.ts';
import { historiesOf } from './recorded-object.ts';

/** An object that the scenario applies, and the first moment after that at which it was Ready. */
export interface Applied {
  /** Undefined if no object of that name was recorded. */
  readonly history: ObjectHistory | undefined;
  readonly applied: Moment;
  readonly ready: Moment;
}

/**
 * What the evidence of one scenario means. It is made once by {@link readIssuance}; everything in a report that is derived
 * from evidence is derived from it.
 */
export interface IssuanceReading {
  /** The evidence as it was recorded. Checks judge this. */
  readonly recorded: Evidence;
  /** The same evidence with the gateway's times corrected, so that all times are on one clock. */
  readonly evidence: Evidence;
  /** How the clocks in the evidence relate, one sentence per clock. */
  readonly clocks: readonly string[];
  readonly issuance: Issuance;
  readonly issuer: Applied;
  readonly certificate: Applied;
  /** The requests for the path of each Challenge that came through the subject's gateway, in the order of their start. */
  readonly requests: ReadonlyMap<RecordedChallenge, readonly TimedRequest[]>;
}

/** Reads evidence: corrects its clocks and finds the objects of its issuance. A pure function. */
export function readIssuance(recorded: Evidence): IssuanceReading {
  const { evidence, clocks } = onOneClock(recorded);
  const { subject, objects } = evidence;
  const issuance = findIssuance(evidence);

  const issuer = historiesOf(objects, 'cert-manager.io', issuerKind(subject), subject.issuer).at(-1);
  const issuerApplied = appliedAt(evidence, issuerKind(subject), subject.issuer, issuer);
  const { certificate } = issuance;
  const certificateApplied = appliedAt(evidence, 'Certificate', subject.certificate, certificate);

  return {
    recorded,
    evidence,
    clocks,
    issuance,
    issuer: { history: issuer, applied: issuerApplied, ready: firstAt(issuer, isReady, issuerApplied) },
    certificate: {
      history: certificate,
      applied: certificateApplied,
      ready: firstAt(certificate, isReady, certificateApplied),
    },
    requests: new Map(issuance.challenges.map((challenge) => [challenge, timedRequests(evidence, challenge)])),
  };
}
