import { actionNames } from '../evidence/action-names.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { formatDuration } from './duration.ts';
import { findIssuance, type Issuance, type RecordedChallenge, type RecordedOrder } from './issuance.ts';
import {
  appliedAt,
  type ChallengeRequest,
  challengeRequests,
  decisiveOrder,
  earliest,
  firstAt,
  firstSeenAt,
  isFor,
  isFromCa,
  isReady,
  isSelfCheck,
  isValid,
  latest,
  type Moment,
  servedAt,
  writtenSecret,
} from './issuance-moments.ts';
import { onOneClock } from './one-clock.ts';
import type { Phase } from './phase.ts';
import { historiesOf, text } from './recorded-object.ts';
import { ingressClassCreatedAt } from './scenario-moments.ts';

/**
 * The phases of the issuance that the evidence is about, in milliseconds, in their order:
 *
 * | name | from | to |
 * |---|---|---|
 * | `account-registered` | Issuer applied | Issuer Ready |
 * | `order-created` | Certificate applied | Order exists |
 * | `solver-ready` | Order exists | solver Pod Ready |
 * | `route-live` | solver Pod Ready | first 200 for the challenge path from the solver's cluster, whoever asked |
 * | `self-check` | the same 200 | end of cert-manager's last passed self-check before the CA asked |
 * | `validation` | the CA's first request that was answered 200 by the solver | Challenge valid |
 * | `secret-written` | all Challenges of the Order valid | Secret holds a certificate |
 * | `certificate-ready` | Certificate applied | Certificate Ready |
 * | `served` | Secret written | end of the first TLS handshake from outside that got this certificate |
 * | `total` | Certificate applied | the same handshake |
 *
 * Each comes from the evidence alone; one whose start or end the evidence does not show is left out, so the phases need not
 * add up. Where the route and the served certificate were only looked at now and then, their phases are upper bounds, and
 * the note says so. Of several Orders the first that got its Challenge valid counts.
 */
export function phasesOf(recorded: Evidence): Phase[] {
  const { evidence } = onOneClock(recorded);
  const { subject } = evidence;
  const issuance = findIssuance(evidence);
  const order = decisiveOrder(issuance, subject.host);
  const challenge = order?.challenges.find((candidate) => isFor(candidate, subject.host));

  const issuer = historiesOf(evidence.objects, 'cert-manager.io', 'Issuer', subject.issuer).at(-1);
  const issuerApplied = appliedAt(evidence, 'Issuer', subject.issuer, issuer);
  const issuerReady = firstAt(issuer, isReady, issuerApplied);

  const applied = appliedAt(evidence, 'Certificate', subject.certificate, issuance.certificate);
  const ready = firstAt(issuance.certificate, isReady, applied);
  const ordered = firstSeenAt(order?.history);
  const solverReady = earliest((challenge?.pods ?? []).map((pod) => firstAt(pod, isReady)));

  const requests = challenge === undefined ? [] : challengeRequests(evidence, challenge);
  const answered = requests.filter((request) => request.bySolver);
  const live = answered[0]?.start;
  const validations = answered.filter(({ entry }) => isFromCa(entry, evidence.ca.userAgent));
  const validationStarted = validations[0]?.start;
  const passes = answered.filter(
    ({ entry, start }) => isSelfCheck(entry) && (validationStarted === undefined || start < validationStarted),
  );
  const challengeValid = firstAt(challenge?.history, isValid);
  const allValid = latest((order?.challenges ?? []).map((each) => firstAt(each.history, isValid)));

  const secret = writtenSecret(evidence, ordered);
  const served = secret === undefined ? undefined : servedAt(evidence, secret);

  return [
    ...phase('account-registered', issuerApplied, issuerReady),
    ...phase('order-created', applied, ordered, noteOnEarlierOrders(issuance, order)),
    ...phase('solver-ready', ordered, solverReady),
    ...phase('route-live', solverReady, live, noteOnRoute(evidence, challenge, requests, solverReady)),
    ...phase('self-check', passes.length === 0 ? undefined : live, passes.at(-1)?.end, noteOnPasses(passes.length)),
    ...phase('validation', validationStarted, challengeValid, noteOnValidations(validations.length)),
    ...phase('secret-written', allValid, secret?.at),
    ...phase('certificate-ready', applied, ready),
    ...phase('served', secret?.at, served, noteOnServing(evidence, secret?.at, served)),
    ...phase('total', applied, served),
  ];
}

function phase(name: string, from: Moment, to: Moment, note?: string): Phase[] {
  if (from === undefined || to === undefined) return [];
  if (to < from) {
    // Watches, the gateway and probes each report at their own pace: an end can become visible before its start does.
    const early = `its end was seen ${formatDuration(from - to)} before its start`;
    return [{ name, durationMs: 0, note: note === undefined ? early : `${early}; ${note}` }];
  }
  return [{ name, durationMs: to - from, ...(note === undefined ? {} : { note }) }];
}

function noteOnEarlierOrders({ orders }: Issuance, order: RecordedOrder | undefined): string | undefined {
  const earlier = order === undefined ? 0 : orders.indexOf(order);
  return earlier > 0 ? `${count(earlier, 'earlier Order')} of the Certificate did not get this far` : undefined;
}

/** Why the route was not seen live earlier, as far as that is known. */
function noteOnRoute(
  evidence: Evidence,
  challenge: RecordedChallenge | undefined,
  requests: readonly ChallengeRequest[],
  solverReady: Moment,
): string | undefined {
  const first = requests.find((request) => request.bySolver);
  if (challenge === undefined || first === undefined || solverReady === undefined) return undefined;
  const notes: string[] = [];

  const classCreated = ingressClassCreatedAt(evidence);
  if (classCreated !== null && Date.parse(classCreated) > solverReady && Date.parse(classCreated) < first.start) {
    notes.push(
      `the scenario created the IngressClass ${formatDuration(Date.parse(classCreated) - solverReady)} into it`,
    );
  }

  const wait = challenge.history.states.flatMap(
    ({ object }) => text(object, 'spec', 'solver', 'waitInsteadOfSelfCheck') ?? [],
  )[0];
  const tooEarly = requests.findLast((request) => isSelfCheck(request.entry) && request.start < first.start);
  if (wait !== undefined) {
    notes.push(`cert-manager waits ${wait} instead of its self-check (waitInsteadOfSelfCheck), so none asked before`);
  } else if (isSelfCheck(first.entry) && tooEarly !== undefined) {
    notes.push(
      `a self-check of cert-manager came before the route and got ${tooEarly.entry.status}, the next came ${formatDuration(first.start - tooEarly.start)} later (by default it repeats a failed one after 10 s), so the route may have been live before this shows it`,
    );
  } else if (isSelfCheck(first.entry) && waitedForPropagation(challenge, first.start)) {
    notes.push(
      'a self-check of cert-manager failed before the route was live (by default it repeats a failed one after 10 s), so the route may have been live before this shows it',
    );
  }
  return notes.length === 0 ? undefined : notes.join('; ');
}

/** Whether the Challenge itself said, before a moment, that its self-check had failed. */
function waitedForPropagation({ history }: RecordedChallenge, before: number): boolean {
  return history.states.some(
    ({ at, object }) =>
      Date.parse(at) < before && /^Waiting for .* propagation:/.test(text(object, 'status', 'reason') ?? ''),
  );
}

function noteOnPasses(passes: number): string {
  return `${count(passes, 'pass', 'passes')} of cert-manager's self-check, which wants five in a row, 2 s apart`;
}

function noteOnValidations(requests: number): string {
  return `${count(requests, 'request')} of the CA answered 200 by the solver`;
}

/** What the scenario itself did between the Secret and the first look at the gateway. */
function noteOnServing(evidence: Evidence, written: Moment, served: Moment): string | undefined {
  if (written === undefined || served === undefined) return undefined;
  const steps = evidence.actions.filter(
    ({ at, name }) => name === actionNames.apply && Date.parse(at) >= written && Date.parse(at) <= served,
  );
  const last = steps.at(-1);
  if (last === undefined) return undefined;
  const names = steps.map((step) => step.detail).join(', ');
  return `the scenario applied ${names} in between, the last ${formatDuration(served - Date.parse(last.at))} before the certificate was seen served`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
