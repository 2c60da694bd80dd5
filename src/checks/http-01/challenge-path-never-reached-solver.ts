import { actionNames } from '../../evidence/action-names.ts';
import type { AccessLogEntry, Evidence } from '../../evidence/evidence.ts';
import {
  applicationCluster,
  challengePathPrefix,
  describeEntries,
  ledNowhere,
  ledToSolver,
  requestsForHost,
  requestsThroughGateway,
} from '../../issuance/gateway-requests.ts';
import type { RecordedChallenge } from '../../issuance/issuance.ts';
import { nameOf } from '../../issuance/recorded-object.ts';
import { ingressClassCreatedAt, isBefore } from '../../issuance/scenario-moments.ts';
import { type Check, failed, passed } from '../check.ts';
import { missingAccessLog } from '../missing-access-log.ts';
import { withoutChallenge } from '../without-challenge.ts';

/** For the scenario missing-ingress-class: without the class, the gateway has no route for the challenge. */
export const challengePathNeverReachedSolver: Check = {
  id: 'challenge-path-never-reached-solver',
  asserts:
    "Before the IngressClass was created, the gateway routed every Challenge's path to the application's 404 or nowhere, and never to a solver.",
  judge(evidence, issuance) {
    if (issuance.challenges.length === 0) return withoutChallenge(evidence, issuance);
    const unseen = missingAccessLog(evidence);
    if (unseen) return unseen;
    const moment = ingressClassCreatedAt(evidence);
    const limit = moment === null ? '' : ` before ${actionNames.createIngressClass} (${moment})`;
    const early = (entry: AccessLogEntry) => isBefore(entry.at, moment);

    const toSolver = issuance.hosts
      .flatMap((host) => requestsForHost(evidence, host))
      .filter((entry) => early(entry) && ledToSolver(entry));
    const elsewhere = issuance.hosts
      .flatMap((host) => requestsThroughGateway(evidence, host))
      .filter((entry) => early(entry) && entry.path.startsWith(challengePathPrefix) && !ledToSolver(entry))
      .filter((entry) => !ledNowhere(entry) && !isApplications404(evidence, entry));
    const defects = issuance.challenges.flatMap((challenge) => unaskedDefect(evidence, challenge, early, limit));
    if (elsewhere.length > 0) {
      defects.unshift(
        `The challenge path should have been routed to the application's 404 (${applicationCluster(evidence)}) or nowhere${limit}, but the access log has ${describeEntries(elsewhere)}.`,
      );
    }
    if (toSolver.length > 0) {
      defects.unshift(
        `No request should have reached a solver${limit}, but the access log has ${describeEntries(toSolver)}.`,
      );
    }
    if (defects.length > 0) return failed(defects.join(' '));
    const requests = issuance.challenges.flatMap((challenge) => requestsFor(evidence, challenge).filter(early));
    const nowhere = requests.filter(ledNowhere).length;
    return passed(
      `Requests for the challenge path${limit}: ${requests.length - nowhere} routed to the application's 404, ${nowhere} nowhere, none to a solver.`,
    );
  },
};

function isApplications404(evidence: Evidence, entry: AccessLogEntry): boolean {
  return entry.upstreamCluster === applicationCluster(evidence) && entry.status === 404;
}

function requestsFor(evidence: Evidence, { token, dnsName }: RecordedChallenge): readonly AccessLogEntry[] {
  return requestsThroughGateway(evidence, dnsName ?? '').filter(
    (entry) => entry.path === `${challengePathPrefix}${token}`,
  );
}

/** A path that was never requested proves nothing about its route. */
function unaskedDefect(
  evidence: Evidence,
  challenge: RecordedChallenge,
  early: (entry: AccessLogEntry) => boolean,
  limit: string,
): string[] {
  const { history, token, dnsName } = challenge;
  if (token === null || dnsName === null) {
    return [`${nameOf(history)} was recorded without spec.token or spec.dnsName.`];
  }
  if (requestsFor(evidence, challenge).some(early)) return [];
  return [
    `The access log has no request for ${dnsName}${challengePathPrefix}${token} of ${nameOf(history)}${limit}, so its route is unknown.`,
  ];
}
