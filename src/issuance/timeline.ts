import type { Evidence, ObjectHistory, ObjectState, Probe } from '../evidence/evidence.ts';
import { dnsMoments } from './dns-moments.ts';
import type { RecordedChallenge, RecordedOrder, RecordedRequest } from './issuance.ts';
import {
  firstAt,
  firstSeenAt,
  isFromCa,
  isReady,
  isSelfCheck,
  type Moment,
  servedAt,
  type TimedRequest,
  writtenSecret,
} from './issuance-moments.ts';
import type { Applied, IssuanceReading } from './reading.ts';
import { deletion, field, isDns01, list, nameOf, text } from './recorded-object.ts';
import { type Timeline, type TimelineEvent, type TimelineEventName, timelineEvents } from './timeline-event.ts';
import { gapsOf } from './timeline-gaps.ts';

/**
 * The issuance as it happened: every step from the account to the served certificate, each from the record that shows it,
 * on one clock, including objects that are gone; and the stretches in which it only waited, where the cause is known.
 *
 * Steps that the evidence does not show are absent. All names are in {@link timelineEvents}.
 */
export function timelineOf(reading: IssuanceReading): Timeline {
  const { evidence, clocks, issuance, requests } = reading;
  const requestsFor = (challenge: RecordedChallenge) => requests.get(challenge) ?? [];
  const happenings = [
    ...actionEvents(evidence),
    ...accountEvents(evidence, reading.issuer),
    ...certificateEvents(evidence, reading.certificate),
    ...issuance.requests.flatMap(requestEvents),
    ...issuance.orders.flatMap(orderEvents),
    ...issuance.challenges.flatMap((challenge) => challengeEvents(evidence, challenge, requestsFor(challenge))),
    ...servingEvents(evidence, issuance.orders),
  ];
  const gaps = issuance.challenges.flatMap((challenge) => gapsOf(evidence, challenge, requestsFor(challenge)));
  return {
    clocks: [...clocks],
    events: happenings
      .map(eventOf)
      .filter((event) => event !== null)
      .toSorted(byTime),
    gaps: gaps.toSorted(byTime),
  };
}

function byTime(one: { readonly at: string }, other: { readonly at: string }): number {
  return Date.parse(one.at) - Date.parse(other.at);
}

/** An event before its moment is known: the evidence may lack it. */
interface Happening {
  readonly name: TimelineEventName;
  readonly at: Moment;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly durationMs?: number;
}

function eventOf({ name, at, title, detail, durationMs = 0 }: Happening): TimelineEvent | null {
  if (at === undefined) return null;
  const { lane } = timelineEvents[name];
  const event = { name, lane, at: new Date(at).toISOString(), durationMs, title };
  return detail === undefined ? event : { ...event, detail };
}

/** What the scenario did besides applying the Issuer and the Certificate, which have events of their own. */
function actionEvents(evidence: Evidence): Happening[] {
  const toldElsewhere = /^(?:apply (?:Issuer|ClusterIssuer|Certificate)\/|ready |solver-gone )/;
  return evidence.actions
    .filter(({ name, detail }) => !toldElsewhere.test(`${name} ${detail}`))
    .map(({ at, name, detail }) => ({
      name: 'action',
      at: Date.parse(at),
      title: `${name.replaceAll('-', ' ')} ${detail}`.trim(),
    }));
}

function accountEvents({ subject }: Evidence, issuer: Applied): Happening[] {
  const named = `Issuer ${subject.issuer.namespace}/${subject.issuer.name}`;
  const failures = changesOf(issuer.history, ({ object }) => {
    const ready = readyCondition(object);
    return text(ready, 'status') === 'False' ? `${text(ready, 'reason') ?? ''}: ${text(ready, 'message') ?? ''}` : null;
  });
  return [
    { name: 'issuer-applied', at: issuer.applied, title: 'Issuer applied', detail: named },
    ...failures.map(
      ({ at, value }): Happening => ({
        name: 'account-refused',
        at,
        title: 'Account not registered',
        detail: `${named}: ${value}`,
      }),
    ),
    { name: 'account-registered', at: issuer.ready, title: 'Account registered', detail: `${named} is Ready` },
  ];
}

function certificateEvents({ subject }: Evidence, { applied, ready }: Applied): Happening[] {
  const detail = `Certificate ${subject.certificate.namespace}/${subject.certificate.name}`;
  return [
    { name: 'certificate-applied', at: applied, title: 'Certificate applied', detail },
    { name: 'certificate-ready', at: ready, title: 'Certificate Ready', detail },
  ];
}

function requestEvents({ history }: RecordedRequest): Happening[] {
  const detail = nameOf(history);
  const ended = changesOf(history, ({ object }) => {
    const reason = text(readyCondition(object), 'reason');
    return reason === 'Pending' ? null : reason;
  });
  return [
    { name: 'request-created', at: firstSeenAt(history), title: 'CertificateRequest created', detail },
    ...ended.map(
      ({ at, value }): Happening => ({ name: 'request-ended', at, title: `CertificateRequest ${value}`, detail }),
    ),
  ];
}

function orderEvents({ history }: RecordedOrder): Happening[] {
  const detail = nameOf(history);
  const placed = firstAt(history, ({ object }) => text(object, 'status', 'url') !== null);
  const authorized = firstAt(history, ({ object }) => list(object, 'status', 'authorizations').length > 0);
  const ended = changesOf(history, ({ object }) => {
    const state = text(object, 'status', 'state');
    return state === 'pending' ? null : state;
  });
  return [
    { name: 'order-created', at: firstSeenAt(history), title: 'Order created', detail },
    { name: 'order-placed', at: placed, title: 'Order placed with the CA', detail },
    { name: 'authorization', at: authorized, title: 'Authorizations fetched', detail },
    ...ended.map(
      ({ at, value }): Happening => ({
        name: value === 'valid' ? 'finalized' : 'order-state',
        at,
        title: `Order ${value}`,
        detail,
      }),
    ),
  ];
}

function challengeEvents(
  evidence: Evidence,
  challenge: RecordedChallenge,
  requests: readonly TimedRequest[],
): Happening[] {
  const { history, dnsName, pods, services, routes } = challenge;
  const detail = nameOf(history);
  const presented = firstAt(history, ({ object }) => field(object, 'status', 'presented') === true);
  const reasons = changesOf(history, ({ object }) =>
    text(object, 'status', 'state') === 'pending' ? text(object, 'status', 'reason') : null,
  );
  const ended = changesOf(history, ({ object }) => {
    const state = text(object, 'status', 'state');
    return state === 'pending' || state === 'processing' ? null : state;
  });
  return [
    {
      name: 'challenge-created',
      at: firstSeenAt(history),
      title: 'Challenge created',
      detail: `${detail} for ${dnsName ?? 'no host'}`,
    },
    ...[...pods, ...services, ...routes].flatMap(solverEvents),
    ...pods.map(
      (pod): Happening => ({
        name: 'solver-ready',
        at: firstAt(pod, isReady),
        title: 'Solver Pod Ready',
        detail: nameOf(pod),
      }),
    ),
    ...routes.map(
      (route): Happening => ({
        name: 'route-addressed',
        at: firstAt(route, ({ object }) => list(object, 'status', 'loadBalancer', 'ingress').length > 0),
        title: 'Solver Ingress got an address',
        detail: nameOf(route),
      }),
    ),
    { name: 'presented', at: presented, title: 'Challenge presented', detail },
    ...reasons.map(
      ({ at, value }): Happening => ({ name: 'propagation', at, title: 'Challenge waits', detail: value }),
    ),
    ...gatewayEvents(evidence, requests),
    ...ended.map(({ at, value }): Happening => ({ name: 'challenge-ended', at, title: `Challenge ${value}`, detail })),
    ...dnsEvents(evidence, challenge),
  ];
}

function solverEvents(solver: ObjectHistory): Happening[] {
  const gone = deletion(solver);
  const detail = nameOf(solver);
  return [
    { name: 'solver-created', at: firstSeenAt(solver), title: `Solver ${solver.kind} created`, detail },
    {
      name: 'solver-gone',
      at: gone === undefined ? undefined : Date.parse(gone.at),
      title: `Solver ${solver.kind} gone`,
      detail,
    },
  ];
}

/** Each request for the challenge path; the first that the solver answered is also the moment its route went live. */
function gatewayEvents(evidence: Evidence, requests: readonly TimedRequest[]): Happening[] {
  const live = requests.find((request) => request.bySolver);
  return [
    {
      name: 'route-live',
      at: live?.start,
      title: 'First 200 from the solver',
      detail: live?.entry.upstreamCluster ?? undefined,
    },
    ...requests.map((request) => gatewayEvent(evidence, request)),
  ];
}

function gatewayEvent(evidence: Evidence, { entry, start, end }: TimedRequest): Happening {
  const target = entry.upstreamCluster ?? `${entry.responseFlags} ${entry.responseCodeDetails}`;
  const detail = `${entry.method} ${entry.path}: ${entry.status}, ${target}`;
  const common = { at: start, durationMs: end - start, detail };
  if (isSelfCheck(entry)) return { ...common, name: 'self-check', title: `Self-check: ${entry.status}` };
  if (isFromCa(entry, evidence.ca.userAgent)) {
    return { ...common, name: 'validation', title: `Validation by the CA: ${entry.status}` };
  }
  return { ...common, name: 'client-request', title: `Another client: ${entry.status}` };
}

function servingEvents(evidence: Evidence, orders: readonly RecordedOrder[]): Happening[] {
  const ordered = orders.map(({ history }) => firstSeenAt(history)).find((moment) => moment !== undefined);
  const secret = writtenSecret(evidence, ordered);
  const { namespace, name } = evidence.subject.secret;
  return [
    { name: 'secret-written', at: secret?.at, title: 'Secret written', detail: `Secret ${namespace}/${name}` },
    {
      name: 'served',
      at: secret === undefined ? undefined : servedAt(evidence, secret),
      title: 'Certificate served',
      detail: "the first handshake from outside that got the Secret's certificate",
    },
    ...evidence.probes.map(browserEvent).filter((event) => event !== null),
  ];
}

function browserEvent(probe: Probe): Happening | null {
  if (probe.kind !== 'browser' || 'unavailable' in probe.outcome) return null;
  const { outcome } = probe;
  const shown = 'error' in outcome ? (outcome.code ?? outcome.error) : outcome.securityState;
  return {
    name: 'browser',
    at: Date.parse(probe.at),
    title: `Browser${probe.trust === 'none' ? " without the CA's root" : ''}: ${shown}`,
    detail: probe.url,
    durationMs: probe.durationMs,
  };
}

function readyCondition(object: unknown): unknown {
  return list(object, 'status', 'conditions').find((each) => text(each, 'type') === 'Ready');
}

/** The moments at which a value of an object changed to something that is not null. */
function changesOf(
  history: ObjectHistory | undefined,
  look: (state: ObjectState) => string | null,
): { at: number; value: string }[] {
  const found: { at: number; value: string }[] = [];
  let last: string | null = null;
  for (const state of history?.states ?? []) {
    if (state.change === 'deleted') continue;
    const value = look(state);
    if (value !== null && value !== last && state.change !== 'existed') found.push({ at: Date.parse(state.at), value });
    last = value;
  }
  return found;
}

function dnsEvents(evidence: Evidence, challenge: RecordedChallenge): Happening[] {
  const moments = isDns01(challenge.history) ? dnsMoments(evidence, challenge) : null;
  if (moments === null) return [];
  const detail = nameOf(challenge.history);
  return [
    { name: 'record-presented', at: moments.presented, title: 'TXT record set', detail },
    { name: 'dns-lookup', at: moments.lookup, title: 'TXT record looked up by the CA', detail },
    { name: 'record-removed', at: moments.gone, title: 'TXT record removed', detail },
  ];
}
