import type { AccessLogEntry, Evidence } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { isAgentOfCa } from '../../evidence/validation-agents.ts';
import {
  applicationCluster,
  challengePathPrefix,
  clusterOf,
  describeEntries,
  describeEntry,
  ledToSolver,
  requestsForHost,
  requestsThroughGateway,
  solverPort,
} from '../../issuance/gateway-requests.ts';
import type { RecordedChallenge } from '../../issuance/issuance.ts';
import { isFromCa } from '../../issuance/issuance-moments.ts';
import { nameOf } from '../../issuance/recorded-object.ts';
import { describeError, type HttpAnswer, httpProbe, urlOf } from '../../issuance/recorded-probe.ts';
import { isBefore, issuerAppliedAt } from '../../issuance/scenario-moments.ts';
import { type Check, failed, passed, type Verdict } from '../check.ts';
import { missingAccessLog } from '../missing-access-log.ts';
import { withoutChallenge } from '../without-challenge.ts';

const probeName = probeNames.challengePathBefore;

/** The CA's validation request on its route to the solver (RFC 8555, section 8.3). */
export const challengeRoutedThroughGateway: Check = {
  id: 'challenge-routed-through-gateway',
  asserts:
    "The CA's own request for each Challenge's token reached that Challenge's solver through the gateway, and before the Issuer was applied no solver received requests.",
  judge(evidence, issuance) {
    if (issuance.challenges.length === 0) return withoutChallenge(evidence, issuance);
    const unseen = missingAccessLog(evidence);
    if (unseen) return bySolverLog(evidence, issuance.challenges) ?? unseen;
    const { host } = evidence.subject;
    if (!issuance.challenges.some((challenge) => challenge.dnsName?.toLowerCase() === host.toLowerCase())) {
      const names = issuance.challenges.map(({ history, dnsName }) => `${nameOf(history)} for ${dnsName ?? 'no host'}`);
      return failed(`No Challenge for ${host} was recorded, only ${names.join(', ')}.`);
    }
    const before = beforeTheIssuer(evidence, issuance.hosts);
    const routed = issuance.challenges.map((challenge) => routedRequest(evidence, challenge));
    const defects = [...before.defects, ...routed.flatMap((found) => (typeof found === 'string' ? found : []))];
    if (defects.length > 0) return failed(defects.join(' '));
    const seen = routed.flatMap((found) => (typeof found === 'string' ? [] : describeEntry(found)));
    return passed(`${before.seen} Then: ${seen.join('; ')}.`);
  },
};

/**
 * The verdict by the solvers' own logs, where the gateway's access log cannot be had: the CA's request for each token, with the
 * headers of an Envoy on its way. Null if they do not show it for all.
 */
function bySolverLog(
  { solverRequests = [], accessLogMissing, ca }: Evidence,
  challenges: readonly RecordedChallenge[],
): Verdict | null {
  const proofs = challenges.map(({ token, dnsName }) =>
    solverRequests.find(
      ({ host, path, userAgent, throughEnvoy }) =>
        host === dnsName?.toLowerCase() &&
        path === `${challengePathPrefix}${token}` &&
        throughEnvoy &&
        isAgentOfCa(userAgent, ca.userAgent),
    ),
  );
  const found = proofs.flatMap((proof) => proof ?? []);
  if (found.length === 0 || found.length < challenges.length) return null;
  const seen = found.map(
    ({ host, path, userAgent, pod, at }) => `${host}${path} for "${userAgent}" at ${at}, by the log of Pod ${pod}`,
  );
  return passed(
    `The gateway's access log was not seen (${accessLogMissing?.detail}). The solver itself answered, through an Envoy: ${seen.join('; ')}.`,
  );
}

/** The request that proves a Challenge's route, or a sentence with what was seen instead. */
export function routedRequest(
  evidence: Evidence,
  { history, token, dnsName, services }: RecordedChallenge,
): AccessLogEntry | string {
  if (token === null || dnsName === null) return `${nameOf(history)} was recorded without spec.token or spec.dnsName.`;
  if (services.length === 0) return `No solver Service of ${nameOf(history)} was recorded.`;
  const clusters = services.map((service) =>
    clusterOf(`${service.name}.${service.namespace}.svc.cluster.local`, solverPort),
  );
  const path = `${challengePathPrefix}${token}`;
  const agent = evidence.ca.userAgent;
  const ca = agent === '' ? 'a client that is not cert-manager' : `user agent with "${agent}"`;
  const wanted = `a request of the CA (${ca}) for ${dnsName}${path}, answered 200 from ${clusters.join(' or ')}`;
  const through = `through ${evidence.subject.gateway.namespace}/${evidence.subject.gateway.name}`;

  const entries = requestsThroughGateway(evidence, dnsName).filter((entry) => entry.path === path);
  const found = entries.find(
    (entry) =>
      entry.status === 200 &&
      entry.upstreamCluster !== null &&
      clusters.includes(entry.upstreamCluster) &&
      isFromCa(entry, evidence.ca.userAgent),
  );
  if (found !== undefined) return found;
  const near = entries.length > 0 ? entries : evidence.accessLog.filter((entry) => entry.path === path);
  if (near.length === 0) {
    return `For ${nameOf(history)} the access log should have ${wanted} ${through}, but it has no request for that path.`;
  }
  const fromCa = near.filter((entry) => isFromCa(entry, evidence.ca.userAgent));
  const shown = describeEntries(fromCa.length > 0 ? fromCa : near);
  const others = fromCa.length > 0 ? '' : 'no request of the CA, only ';
  return `For ${nameOf(history)} the access log should have ${wanted} ${through}, but it has ${others}${shown}.`;
}

/** Where the challenge path led before the Issuer was applied. */
function beforeTheIssuer(evidence: Evidence, hosts: readonly string[]): { seen: string; defects: string[] } {
  const wrong = (...defects: string[]) => ({ seen: '', defects });
  const appliedAt = issuerAppliedAt(evidence);
  if (appliedAt === null) {
    return wrong(
      'The evidence has no action "apply" of an Issuer, so the earlier route of the challenge path is unknown.',
    );
  }
  const early = hosts
    .flatMap((host) => requestsForHost(evidence, host))
    .filter((entry) => ledToSolver(entry) && isBefore(entry.at, appliedAt));
  const earlyDefects =
    early.length === 0
      ? []
      : [
          `Before the Issuer was applied (${appliedAt}) the gateway already routed requests to a solver: ${describeEntries(early)}.`,
        ];

  const probe = httpProbe(evidence, probeName);
  if (probe === undefined) {
    return wrong(
      ...earlyDefects,
      `The evidence has no HTTP probe "${probeName}", so the route of the challenge path before the Issuer was applied is unknown.`,
    );
  }
  const named = `The probe "${probeName}" of ${probe.url}`;
  const url = urlOf(probe);
  if (url?.hostname !== evidence.subject.host.toLowerCase() || !url.pathname.startsWith(challengePathPrefix)) {
    return wrong(
      ...earlyDefects,
      `${named} did not request a path below ${evidence.subject.host}${challengePathPrefix}.`,
    );
  }
  if (!isBefore(probe.at, appliedAt)) {
    return wrong(
      ...earlyDefects,
      `${named} was made at ${probe.at}, not before the Issuer was applied (${appliedAt}).`,
    );
  }
  if ('error' in probe.outcome) {
    return wrong(
      ...earlyDefects,
      `${named} should have been answered by the application or with 404, but it ended in ${describeError(probe.outcome)}.`,
    );
  }
  const { status } = probe.outcome;
  const entry = requestsForHost(evidence, evidence.subject.host).findLast(
    (candidate) => candidate.path === `${url.pathname}${url.search}` && isBefore(candidate.at, appliedAt),
  );
  const byApplication = entry?.upstreamCluster === applicationCluster(evidence);
  const redirected = redirectTo(evidence, probe.outcome);
  if (redirected !== null) {
    return {
      seen: `Before the Issuer was applied the challenge path was answered ${status}, a redirect to ${redirected}.`,
      defects: earlyDefects,
    };
  }
  if (status !== 404 && !byApplication) {
    const seen =
      entry === undefined ? 'the access log does not show by whom' : `the access log has ${describeEntry(entry)}`;
    return wrong(
      ...earlyDefects,
      `${named} should have been answered by the application (${applicationCluster(evidence)}) or with 404, but it was answered ${status}, and ${seen}.`,
    );
  }
  return {
    seen: `Before the Issuer was applied the challenge path was answered ${status}${byApplication ? ' by the application' : ''}.`,
    defects: earlyDefects,
  };
}

/** The https URL that the gateway redirects users to, in a scenario that expects a redirect; null for any other answer. */
function redirectTo({ subject }: Evidence, { status, headers }: HttpAnswer): string | null {
  if (subject.expects?.http !== 'redirect' || !redirectStatuses.includes(status)) return null;
  const target = URL.parse(headers.location ?? '');
  return target?.protocol === 'https:' && target.hostname === subject.host.toLowerCase() ? target.href : null;
}

/** The redirect statuses (RFC 9110 section 15.4). */
const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];
