import type { Evidence, ObjectHistory, ObjectState } from '../evidence/evidence.ts';
import { formatDuration } from './duration.ts';
import { findIssuance, type RecordedChallenge, type RecordedOrder, type RecordedRequest } from './issuance.ts';
import {
  appliedAt,
  type ChallengeRequest,
  challengeRequests,
  firstAt,
  firstSeenAt,
  isFromCa,
  isReady,
  isSelfCheck,
  isValid,
  type Moment,
  servedAt,
  writtenSecret,
} from './issuance-moments.ts';
import { onOneClock } from './one-clock.ts';
import { deletion, field, historiesOf, list, nameOf, text } from './recorded-object.ts';
import type { Timeline, TimelineEvent, TimelineLane } from './timeline-event.ts';

/** How long cert-manager waits after a failed self-check (its challenges controller), and how far apart the passes it wants are. */
const selfCheckBackOffMs = 10_000;
/** A stretch shorter than this is the work itself and not a wait. */
const shortestGapMs = 500;

/**
 * The issuance as it happened: every step from the account to the served certificate, each from the record that shows it,
 * on one clock, also of objects that are gone; and the stretches in which it only waited, where the cause is known.
 *
 * Steps that the evidence does not show are absent. Names are stable: `issuer-applied`, `account-refused`,
 * `account-registered`, `certificate-applied`, `request-created`, `order-created`, `order-placed`, `authorization`,
 * `challenge-created`, `solver-created`, `solver-ready`, `presented`, `route-addressed`, `route-live`, `self-check`,
 * `propagation`, `validation`, `client-request`, `challenge-ended`, `solver-gone`, `order-state`, `finalized`,
 * `request-ended`, `secret-written`, `certificate-ready`, `served`, `browser`, and `action` for what the scenario did
 * beside applying Issuer and Certificate.
 */
export function timelineOf(recorded: Evidence): Timeline {
  const { evidence, clocks } = onOneClock(recorded);
  const issuance = findIssuance(evidence);
  const events = [
    ...actionEvents(evidence),
    ...accountEvents(evidence),
    ...certificateEvents(evidence, issuance.certificate),
    ...issuance.requests.flatMap(requestEvents),
    ...issuance.orders.flatMap(orderEvents),
    ...issuance.challenges.flatMap((challenge) => challengeEvents(evidence, challenge)),
    ...servingEvents(evidence, issuance.orders),
  ].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const gaps = issuance.challenges.flatMap((challenge) => gapsOf(evidence, challenge));
  return { clocks: [...clocks], events, gaps: gaps.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)) };
}

interface Happening {
  readonly lane: TimelineLane;
  readonly name: string;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly durationMs?: number;
}

/** An event at a moment; none where the evidence does not show the moment. */
function event(at: Moment, { lane, name, title, detail, durationMs = 0 }: Happening): TimelineEvent[] {
  if (at === undefined) return [];
  const base = { name, lane, at: new Date(at).toISOString(), durationMs, title };
  return [detail === undefined ? base : { ...base, detail }];
}

/** What the scenario did beside applying the Issuer and the Certificate, which are told with them. */
function actionEvents(evidence: Evidence): TimelineEvent[] {
  const toldElsewhere = /^(?:apply (?:Issuer|ClusterIssuer|Certificate)\/|ready |solver-gone )/;
  return evidence.actions
    .filter(({ name, detail }) => !toldElsewhere.test(`${name} ${detail}`))
    .flatMap(({ at, name, detail }) =>
      event(Date.parse(at), { lane: 'client', name: 'action', title: `${name.replaceAll('-', ' ')} ${detail}`.trim() }),
    );
}

function accountEvents(evidence: Evidence): TimelineEvent[] {
  const { issuer: reference } = evidence.subject;
  const issuer = historiesOf(evidence.objects, 'cert-manager.io', 'Issuer', reference).at(-1);
  const applied = appliedAt(evidence, 'Issuer', reference, issuer);
  const named = `Issuer ${reference.namespace}/${reference.name}`;
  const failures = distinct(issuer, (state) => {
    const ready = list(state.object, 'status', 'conditions').find((each) => text(each, 'type') === 'Ready');
    return text(ready, 'status') === 'False' ? `${text(ready, 'reason') ?? ''}: ${text(ready, 'message') ?? ''}` : null;
  });
  return [
    ...event(applied, { lane: 'client', name: 'issuer-applied', title: 'Issuer applied', detail: named }),
    ...failures.flatMap(({ at, value }) =>
      event(at, { lane: 'ca', name: 'account-refused', title: 'Account not registered', detail: `${named}: ${value}` }),
    ),
    ...event(firstAt(issuer, isReady, applied), {
      lane: 'ca',
      name: 'account-registered',
      title: 'Account registered',
      detail: `${named} is Ready`,
    }),
  ];
}

function certificateEvents(evidence: Evidence, certificate: ObjectHistory | undefined): TimelineEvent[] {
  const { certificate: reference } = evidence.subject;
  const applied = appliedAt(evidence, 'Certificate', reference, certificate);
  const detail = `Certificate ${reference.namespace}/${reference.name}`;
  return [
    ...event(applied, { lane: 'client', name: 'certificate-applied', title: 'Certificate applied', detail }),
    ...event(firstAt(certificate, isReady, applied), {
      lane: 'cert-manager',
      name: 'certificate-ready',
      title: 'Certificate Ready',
      detail,
    }),
  ];
}

function requestEvents({ history }: RecordedRequest): TimelineEvent[] {
  const ended = distinct(history, ({ object }) => {
    const ready = list(object, 'status', 'conditions').find((each) => text(each, 'type') === 'Ready');
    const reason = text(ready, 'reason');
    return reason === null || reason === 'Pending' ? null : reason;
  });
  return [
    ...event(firstSeenAt(history), {
      lane: 'cert-manager',
      name: 'request-created',
      title: 'CertificateRequest created',
      detail: nameOf(history),
    }),
    ...ended.flatMap(({ at, value }) =>
      event(at, {
        lane: 'cert-manager',
        name: 'request-ended',
        title: `CertificateRequest ${value}`,
        detail: nameOf(history),
      }),
    ),
  ];
}

function orderEvents({ history }: RecordedOrder): TimelineEvent[] {
  const detail = nameOf(history);
  const placed = firstAt(history, ({ object }) => text(object, 'status', 'url') !== null);
  const authorized = firstAt(history, ({ object }) => list(object, 'status', 'authorizations').length > 0);
  const ended = distinct(history, ({ object }) => {
    const state = text(object, 'status', 'state');
    return state === null || state === 'pending' ? null : state;
  });
  return [
    ...event(firstSeenAt(history), { lane: 'cert-manager', name: 'order-created', title: 'Order created', detail }),
    ...event(placed, { lane: 'ca', name: 'order-placed', title: 'Order placed with the CA', detail }),
    ...event(authorized, { lane: 'ca', name: 'authorization', title: 'Authorizations fetched', detail }),
    ...ended.flatMap(({ at, value }) =>
      event(at, { lane: 'ca', name: value === 'valid' ? 'finalized' : 'order-state', title: `Order ${value}`, detail }),
    ),
  ];
}

function challengeEvents(evidence: Evidence, challenge: RecordedChallenge): TimelineEvent[] {
  const { history, pods, services, routes } = challenge;
  const solvers = [...pods, ...services, ...routes];
  const presented = firstAt(history, ({ object }) => field(object, 'status', 'presented') === true);
  const reasons = distinct(history, ({ object }) => {
    const reason = text(object, 'status', 'reason');
    return reason !== null && text(object, 'status', 'state') === 'pending' ? reason : null;
  });
  const ended = distinct(history, ({ object }) => {
    const state = text(object, 'status', 'state');
    return state === null || state === 'pending' || state === 'processing' ? null : state;
  });
  return [
    ...event(firstSeenAt(history), {
      lane: 'cert-manager',
      name: 'challenge-created',
      title: 'Challenge created',
      detail: `${nameOf(history)} for ${challenge.dnsName ?? 'no host'}`,
    }),
    ...solvers.flatMap((solver) => [
      ...event(firstSeenAt(solver), {
        lane: 'cluster',
        name: 'solver-created',
        title: `Solver ${solver.kind} created`,
        detail: nameOf(solver),
      }),
      ...event(momentOf(deletion(solver)), {
        lane: 'cluster',
        name: 'solver-gone',
        title: `Solver ${solver.kind} gone`,
        detail: nameOf(solver),
      }),
    ]),
    ...pods.flatMap((pod) =>
      event(firstAt(pod, isReady), {
        lane: 'cluster',
        name: 'solver-ready',
        title: 'Solver Pod Ready',
        detail: nameOf(pod),
      }),
    ),
    ...routes.flatMap((route) =>
      event(
        firstAt(route, ({ object }) => list(object, 'status', 'loadBalancer', 'ingress').length > 0),
        {
          lane: 'gateway',
          name: 'route-addressed',
          title: 'Solver Ingress got an address',
          detail: nameOf(route),
        },
      ),
    ),
    ...event(presented, {
      lane: 'cert-manager',
      name: 'presented',
      title: 'Challenge presented',
      detail: nameOf(history),
    }),
    ...reasons.flatMap(({ at, value }) =>
      event(at, { lane: 'cert-manager', name: 'propagation', title: 'Challenge waits', detail: value }),
    ),
    ...requestEventsOf(evidence, challenge),
    ...ended.flatMap(({ at, value }) =>
      event(at, { lane: 'ca', name: 'challenge-ended', title: `Challenge ${value}`, detail: nameOf(history) }),
    ),
  ];
}

/** Each request for the challenge path; the first that the solver answered is also the moment its route went live. */
function requestEventsOf(evidence: Evidence, challenge: RecordedChallenge): TimelineEvent[] {
  const requests = challengeRequests(evidence, challenge);
  const live = requests.find((request) => request.bySolver);
  return [
    ...event(live?.start, {
      lane: 'gateway',
      name: 'route-live',
      title: 'First 200 from the solver',
      detail: live?.entry.upstreamCluster ?? undefined,
    }),
    ...requests.flatMap((request) => event(request.start, describeRequest(evidence, request))),
  ];
}

function describeRequest(evidence: Evidence, { entry, start, end }: ChallengeRequest): Happening {
  const target = entry.upstreamCluster ?? `${entry.responseFlags} ${entry.responseCodeDetails}`;
  const common = { detail: `${entry.method} ${entry.path}: ${entry.status}, ${target}`, durationMs: end - start };
  if (isSelfCheck(entry)) {
    return { ...common, lane: 'cert-manager', name: 'self-check', title: `Self-check: ${entry.status}` };
  }
  if (isFromCa(entry, evidence.ca.userAgent)) {
    return { ...common, lane: 'ca', name: 'validation', title: `Validation by the CA: ${entry.status}` };
  }
  return { ...common, lane: 'client', name: 'client-request', title: `Another client: ${entry.status}` };
}

function servingEvents(evidence: Evidence, orders: readonly RecordedOrder[]): TimelineEvent[] {
  const ordered = orders.map(({ history }) => firstSeenAt(history)).find((moment) => moment !== undefined);
  const secret = writtenSecret(evidence, ordered);
  const served = secret === undefined ? undefined : servedAt(evidence, secret);
  const { namespace, name } = evidence.subject.secret;
  return [
    ...event(secret?.at, {
      lane: 'cluster',
      name: 'secret-written',
      title: 'Secret written',
      detail: `Secret ${namespace}/${name}`,
    }),
    ...event(served, {
      lane: 'client',
      name: 'served',
      title: 'Certificate served',
      detail: `the first handshake from outside that got the Secret's certificate`,
    }),
    ...evidence.probes.flatMap((probe) =>
      probe.kind === 'browser' && !('unavailable' in probe.outcome)
        ? event(Date.parse(probe.at), {
            lane: 'client',
            name: 'browser',
            title: `Browser${probe.trust === 'none' ? " without the CA's root" : ''}: ${
              'error' in probe.outcome ? (probe.outcome.code ?? probe.outcome.error) : probe.outcome.securityState
            }`,
            detail: probe.url,
            durationMs: probe.durationMs,
          })
        : [],
    ),
  ];
}

/** The stretches in which nothing but a known wait went on. */
function gapsOf(evidence: Evidence, challenge: RecordedChallenge): Timeline['gaps'] {
  const requests = challengeRequests(evidence, challenge);
  const checks = requests.filter(({ entry }) => isSelfCheck(entry));
  const gaps: { from: number; to: number; why: string }[] = [];
  const [first] = checks;
  const refused = failedUnseen(challenge, first?.start);
  if (first !== undefined && refused !== undefined) {
    const why = `a self-check failed (${refused.reason}); cert-manager repeats a failed one after ${formatDuration(selfCheckBackOffMs)}`;
    gaps.push({ from: refused.at, to: first.start, why });
  }
  for (const [index, check] of checks.entries()) {
    const next = checks[index + 1];
    if (next === undefined || check.bySolver) continue;
    const why = `a self-check got ${check.entry.status}; cert-manager repeats a failed one after ${formatDuration(selfCheckBackOffMs)}`;
    gaps.push({ from: check.end, to: next.start, why });
  }
  const passes = checks.filter(({ bySolver }) => bySolver);
  const [firstPass] = passes;
  const lastPass = passes.at(-1);
  if (firstPass !== undefined && lastPass !== undefined && lastPass !== firstPass) {
    const why = `${passes.length} passes of the self-check: cert-manager wants five in a row, 2 s apart`;
    gaps.push({ from: firstPass.end, to: lastPass.start, why });
  }
  const validated = requests.filter(({ entry, bySolver }) => bySolver && isFromCa(entry, evidence.ca.userAgent)).at(-1);
  const valid = firstAt(challenge.history, isValid);
  if (validated !== undefined && valid !== undefined) {
    const why =
      'the CA had its answer; cert-manager asks for the authorization again after the Retry-After it was told';
    gaps.push({ from: validated.end, to: valid, why });
  }
  return gaps
    .filter(({ from, to }) => to - from >= shortestGapMs)
    .map(({ from, to, why }) => ({ at: new Date(from).toISOString(), durationMs: to - from, why }));
}

/** A self-check that failed before any reached the gateway: only the Challenge tells of it. */
function failedUnseen(
  { history }: RecordedChallenge,
  firstRequest: Moment,
): { at: number; reason: string } | undefined {
  const state = history.states.find(({ object }) =>
    /^Waiting for .* propagation:/.test(text(object, 'status', 'reason') ?? ''),
  );
  if (state === undefined || (firstRequest !== undefined && Date.parse(state.at) >= firstRequest)) return undefined;
  const reason = (text(state.object, 'status', 'reason') ?? '').replace(/^Waiting for .* propagation:\s*/, '');
  return { at: Date.parse(state.at), reason };
}

/** The moments at which a value of an object changed to something that is not null. */
function distinct(
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

function momentOf(state: ObjectState | undefined): Moment {
  return state === undefined ? undefined : Date.parse(state.at);
}
