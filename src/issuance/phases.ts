import { actionNames } from '../evidence/action-names.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { dnsMoments } from './dns-moments.ts';
import { formatDuration } from './duration.ts';
import type { Issuance, RecordedChallenge, RecordedOrder } from './issuance.ts';
import {
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
  type TimedRequest,
  writtenSecret,
} from './issuance-moments.ts';
import type { Phase, PhaseName } from './phase.ts';
import type { IssuanceReading } from './reading.ts';
import { isDns01, text } from './recorded-object.ts';
import { ingressClassCreatedAt } from './scenario-moments.ts';

/**
 * The phases of the issuance, in their order; the table {@link phases} says from where to where each goes.
 *
 * Each comes from the evidence alone. A phase whose start or end the evidence does not show is left out, so the phases need
 * not add up. Where the route and the served certificate were only looked at now and then, their phases are upper bounds,
 * and the note says so. Of several Orders the first whose Challenge became valid counts.
 */
export function phasesOf({ evidence, issuance, issuer, certificate, requests: allRequests }: IssuanceReading): Phase[] {
  const { subject } = evidence;
  const order = decisiveOrder(issuance, subject.host);
  const challenge = order?.challenges.find((candidate) => isFor(candidate, subject.host));
  const ordered = firstSeenAt(order?.history);
  const solverReady = earliest((challenge?.pods ?? []).map((pod) => firstAt(pod, isReady)));

  const requests = (challenge && allRequests.get(challenge)) ?? [];
  const answered = requests.filter((request) => request.bySolver);
  const live = answered[0]?.start;
  const validations = answered.filter(({ entry }) => isFromCa(entry, evidence.ca.userAgent));
  const validationStarted = validations[0]?.start;
  const passes = answered.filter(
    ({ entry, start }) => isSelfCheck(entry) && (validationStarted === undefined || start < validationStarted),
  );
  const challengeValid = firstAt(challenge?.history, isValid);
  const allValid = latest((order?.challenges ?? []).map((each) => firstAt(each.history, isValid)));

  const dns01 = order?.challenges.find(({ history }) => isDns01(history));
  const byDns = dns01 === undefined ? null : dnsMoments(evidence, dns01);

  const secret = writtenSecret(evidence, ordered);
  const served = secret === undefined ? undefined : servedAt(evidence, secret);

  const stretches: readonly Stretch[] = [
    { name: 'account-registered', from: issuer.applied, to: issuer.ready },
    { name: 'order-created', from: certificate.applied, to: ordered, note: noteOnEarlierOrders(issuance, order) },
    {
      name: 'record-presented',
      from: ordered,
      to: byDns?.presented,
      note: 'the Challenge gives the time to the second',
    },
    { name: 'propagation', from: byDns?.presented, to: byDns?.lookup ?? byDns?.valid },
    { name: 'dns-validation', from: byDns?.lookup, to: byDns?.valid },
    { name: 'solver-ready', from: ordered, to: solverReady },
    {
      name: 'route-live',
      from: solverReady,
      to: live,
      note: noteOnRoute(evidence, challenge, requests, solverReady),
    },
    {
      name: 'self-check',
      from: passes.length === 0 ? undefined : live,
      to: passes.at(-1)?.end,
      note: noteOnPasses(passes.length),
    },
    { name: 'validation', from: validationStarted, to: challengeValid, note: noteOnValidations(validations.length) },
    { name: 'record-removed', from: byDns?.valid, to: byDns?.gone },
    { name: 'secret-written', from: allValid, to: secret?.at },
    { name: 'certificate-ready', from: certificate.applied, to: certificate.ready },
    { name: 'served', from: secret?.at, to: served, note: noteOnServing(evidence, secret?.at, served) },
    { name: 'total', from: certificate.applied, to: served },
  ];
  return stretches.map(measured).filter((phase) => phase !== null);
}

/** A phase before it is measured: the evidence may lack its start or its end. */
interface Stretch {
  readonly name: PhaseName;
  readonly from: Moment;
  readonly to: Moment;
  readonly note?: string | undefined;
}

function measured({ name, from, to, note }: Stretch): Phase | null {
  if (from === undefined || to === undefined) return null;
  if (to < from) {
    // Watches, the gateway and probes each report at their own pace: an end can become visible before its start does.
    const early = `its end was seen ${formatDuration(from - to)} before its start`;
    return { name, durationMs: 0, note: note === undefined ? early : `${early}; ${note}` };
  }
  return note === undefined ? { name, durationMs: to - from } : { name, durationMs: to - from, note };
}

function noteOnEarlierOrders({ orders }: Issuance, order: RecordedOrder | undefined): string | undefined {
  const earlier = order === undefined ? 0 : orders.indexOf(order);
  return earlier > 0 ? `${count(earlier, 'earlier Order')} of the Certificate did not get this far` : undefined;
}

/** Why the route was not seen live earlier, as far as that is known. */
function noteOnRoute(
  evidence: Evidence,
  challenge: RecordedChallenge | undefined,
  requests: readonly TimedRequest[],
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
