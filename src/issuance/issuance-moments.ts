import { actionNames } from '../evidence/action-names.ts';
import type { AccessLogEntry, Evidence, ObjectHistory, ObjectReference, ObjectState } from '../evidence/evidence.ts';
import { secretFactsField, secretFactsSchema } from '../evidence/secret-facts.ts';
import { isAgentOfCa, isSelfCheckAgent } from '../evidence/validation-agents.ts';
import { challengePathPrefix, clusterOf, requestsThroughGateway, solverPort } from './gateway-requests.ts';
import type { Issuance, RecordedChallenge, RecordedOrder } from './issuance.ts';
import { condition, field, historiesOf, text } from './recorded-object.ts';

/** A point in time, in milliseconds since the epoch; undefined if the evidence does not show it. */
export type Moment = number | undefined;

/** When the scenario applied an object by its own record, else when a watch saw it appear. */
export function appliedAt(
  evidence: Evidence,
  kind: string,
  { namespace, name }: ObjectReference,
  history: ObjectHistory | undefined,
): Moment {
  // A manifest may leave the namespace to the kubeconfig.
  const details = [`${kind}/${namespace}/${name}`, `${kind}/${name}`];
  const action = evidence.actions.find((each) => each.name === actionNames.apply && details.includes(each.detail));
  return action === undefined ? firstSeenAt(history) : Date.parse(action.at);
}

/** When an object came to be; unknown for one that was there before the recorder. */
export function firstSeenAt(history: ObjectHistory | undefined): Moment {
  const [first] = history?.states ?? [];
  return first?.change === 'added' ? Date.parse(first.at) : undefined;
}

/** When a watch first saw an object in a state, from a moment on; unknown if it was in it before the recorder. */
export function firstAt(
  history: ObjectHistory | undefined,
  holds: (state: ObjectState) => boolean,
  from: Moment = Number.NEGATIVE_INFINITY,
): Moment {
  const [first] = history?.states ?? [];
  if (from === Number.NEGATIVE_INFINITY && first?.change === 'existed' && holds(first)) return undefined;
  const found = history?.states.find(
    (state) => state.change !== 'existed' && Date.parse(state.at) >= from && holds(state),
  );
  return found === undefined ? undefined : Date.parse(found.at);
}

export function isReady({ object }: ObjectState): boolean {
  const ready = condition(object, 'Ready');
  return ready?.status === 'True' && ready.current;
}

export function isValid({ object }: ObjectState): boolean {
  return text(object, 'status', 'state') === 'valid';
}

export function isFor(challenge: RecordedChallenge, host: string): boolean {
  return challenge.dnsName?.toLowerCase() === host.toLowerCase();
}

export function decisiveOrder({ orders }: Issuance, host: string): RecordedOrder | undefined {
  const withHost = orders.filter((order) => order.challenges.some((challenge) => isFor(challenge, host)));
  const validated = withHost.find((order) =>
    order.challenges.some((challenge) => isFor(challenge, host) && challenge.history.states.some(isValid)),
  );
  return validated ?? withHost[0] ?? orders[0];
}

/** A request for the path of a Challenge, in milliseconds since the epoch. */
export interface TimedRequest {
  readonly entry: AccessLogEntry;
  readonly start: number;
  readonly end: number;
  /** Whether it was answered 200, by the solver of the Challenge. */
  readonly bySolver: boolean;
}

/** Every request for the Challenge's path that came through the subject's gateway, in the order of their start. */
export function timedRequests(evidence: Evidence, challenge: RecordedChallenge): TimedRequest[] {
  const { token, dnsName, services } = challenge;
  if (token === null) return [];
  const clusters = services.map(({ name, namespace }) => clusterOf(`${name}.${namespace}.svc.`, solverPort));
  return requestsThroughGateway(evidence, dnsName ?? evidence.subject.host)
    .filter((entry) => entry.path === `${challengePathPrefix}${token}`)
    .map((entry) => ({
      entry,
      start: Date.parse(entry.at),
      end: Date.parse(entry.at) + entry.durationMs,
      bySolver: entry.status === 200 && clusters.some((cluster) => entry.upstreamCluster?.startsWith(cluster) === true),
    }))
    .sort((a, b) => a.start - b.start);
}

export function isSelfCheck(entry: AccessLogEntry): boolean {
  return isSelfCheckAgent(entry.userAgent);
}

export function isFromCa(entry: AccessLogEntry, userAgent: string): boolean {
  return isAgentOfCa(entry.userAgent, userAgent);
}

export interface WrittenSecret {
  readonly at: number;
  readonly leafSha256: string;
}

/** The first certificate in the subject's Secret since the Order came to be. */
export function writtenSecret(evidence: Evidence, ordered: Moment): WrittenSecret | undefined {
  if (ordered === undefined) return undefined;
  for (const { states } of historiesOf(evidence.objects, '', 'Secret', evidence.subject.secret)) {
    for (const { at, change, object } of states) {
      if ((change !== 'added' && change !== 'modified') || Date.parse(at) < ordered) continue;
      const facts = secretFactsSchema.safeParse(field(object, secretFactsField));
      const leaf = facts.data?.certificates[0];
      if (leaf !== undefined) return { at: Date.parse(at), leafSha256: leaf.fingerprintSha256 };
    }
  }
  return undefined;
}

export function servedAt(evidence: Evidence, secret: WrittenSecret): Moment {
  const handshakes = evidence.probes.flatMap((probe) =>
    probe.kind === 'tls' &&
    probe.serverName.toLowerCase() === evidence.subject.host.toLowerCase() &&
    'chain' in probe.outcome &&
    probe.outcome.chain[0]?.fingerprintSha256 === secret.leafSha256
      ? [Date.parse(probe.at) + probe.durationMs]
      : [],
  );
  return earliest(handshakes);
}

export function earliest(moments: readonly Moment[]): Moment {
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** The last of the moments, if all are known. */
export function latest(moments: readonly Moment[]): Moment {
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === 0 || known.length < moments.length ? undefined : Math.max(...known);
}
