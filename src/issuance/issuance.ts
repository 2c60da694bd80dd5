import type { Evidence, ObjectHistory } from '../evidence/evidence.ts';
import { condition, deletion, groupOf, historiesOf, lastLivingState, ownerUids, text } from './recorded-object.ts';

const certManagerGroup = 'cert-manager.io';
const acmeGroup = 'acme.cert-manager.io';

/** A Challenge with what cert-manager made to solve it: everything that the Challenge owns. */
export interface RecordedChallenge {
  readonly history: ObjectHistory;
  /** spec.token, or null if the record has none. */
  readonly token: string | null;
  /** spec.dnsName, the host that the CA asks, or null if the record has none. */
  readonly dnsName: string | null;
  readonly pods: readonly ObjectHistory[];
  readonly services: readonly ObjectHistory[];
  /** The Ingresses or HTTPRoutes, by the kind of solver the scenario uses. */
  readonly routes: readonly ObjectHistory[];
}

export interface RecordedOrder {
  readonly history: ObjectHistory;
  readonly challenges: readonly RecordedChallenge[];
}

export interface RecordedRequest {
  readonly history: ObjectHistory;
  readonly orders: readonly RecordedOrder[];
}

/** The objects of one issuance, from the Certificate down to the solvers, as owner references join them. */
export interface Issuance {
  /** The Certificate's last incarnation, or undefined if none was recorded. */
  readonly certificate: ObjectHistory | undefined;
  readonly requests: readonly RecordedRequest[];
  /**
   * CertificateRequests that cert-manager itself removed before anything had come of them, for another one of the same
   * revision: so its requestmanager does where its keymanager has made the next private key anew meanwhile. They are in none of
   * the other lists.
   */
  readonly replaced: readonly RecordedRequest[];
  readonly orders: readonly RecordedOrder[];
  readonly challenges: readonly RecordedChallenge[];
  /** The kind of object that routes a challenge to its solver. */
  readonly routeKind: 'Ingress' | 'HTTPRoute';
  /** The subject's host and those that the Challenges are for, each once. */
  readonly hosts: readonly string[];
}

/**
 * Finds the issuance of the evidence's subject.
 *
 * CertificateRequests belong to the Certificate by owner reference or by the annotation
 * `cert-manager.io/certificate-name`; everything below by owner reference, which is also how cert-manager itself tells
 * its solver objects from others with the same labels.
 */
export function findIssuance(evidence: Pick<Evidence, 'subject' | 'objects'>): Issuance {
  const { subject, objects } = evidence;
  const routeKind = subject.solver === 'ingress' ? 'Ingress' : 'HTTPRoute';
  const routeGroup = subject.solver === 'ingress' ? 'networking.k8s.io' : 'gateway.networking.k8s.io';
  const ownedBy = (owner: ObjectHistory, group: string, kind: string) =>
    objects.filter(
      (history) => groupOf(history) === group && history.kind === kind && ownerUids(history).has(owner.uid),
    );

  const certificates = historiesOf(objects, certManagerGroup, 'Certificate', subject.certificate);
  const certificateUids = new Set(certificates.map((history) => history.uid));
  const ofCertificate = (history: ObjectHistory) =>
    [...ownerUids(history)].some((uid) => certificateUids.has(uid)) ||
    history.states.some(
      (state) =>
        text(state.object, 'metadata', 'annotations', 'cert-manager.io/certificate-name') === subject.certificate.name,
    );

  const all = objects
    .filter(
      (history) =>
        groupOf(history) === certManagerGroup &&
        history.kind === 'CertificateRequest' &&
        history.namespace === subject.certificate.namespace &&
        ofCertificate(history),
    )
    .map((request) => ({
      history: request,
      orders: ownedBy(request, acmeGroup, 'Order').map((order) => ({
        history: order,
        challenges: ownedBy(order, acmeGroup, 'Challenge').map((challenge) => ({
          history: challenge,
          token: firstText(challenge, 'token'),
          dnsName: firstText(challenge, 'dnsName'),
          pods: ownedBy(challenge, '', 'Pod'),
          services: ownedBy(challenge, '', 'Service'),
          routes: ownedBy(challenge, routeGroup, routeKind),
        })),
      })),
    }));
  const replaced = all.filter((request) => isReplaced(request, all));
  const requests = all.filter((request) => !replaced.includes(request));
  const orders = requests.flatMap((request) => request.orders);
  const challenges = orders.flatMap((order) => order.challenges);
  return {
    certificate: certificates.at(-1),
    requests,
    replaced,
    orders,
    challenges,
    routeKind,
    hosts: [...new Set([subject.host, ...challenges.flatMap((challenge) => challenge.dnsName ?? [])])],
  };
}

const finalStates: ReadonlySet<string | null> = new Set(['valid', 'invalid', 'errored', 'expired']);

function isReplaced({ history, orders }: RecordedRequest, all: readonly RecordedRequest[]): boolean {
  const gone = deletion(history);
  if (gone === undefined || isDecided(history)) return false;
  const parts = orders.flatMap((order) => [order.history, ...order.challenges.map((challenge) => challenge.history)]);
  if (parts.some(({ states }) => states.some(({ object }) => finalStates.has(text(object, 'status', 'state')))))
    return false;
  return all.some(({ history: other }) => {
    const [first] = other.states;
    return (
      other !== history && first?.change === 'added' && first.at >= gone.at && revisionOf(other) === revisionOf(history)
    );
  });
}

/** Whether a CertificateRequest came to an end of its own (cert-manager's API reference, CertificateRequestCondition). */
function isDecided(request: ObjectHistory): boolean {
  return request.states.some(({ object }) => {
    const ready = condition(object, 'Ready');
    return (
      ready?.status === 'True' ||
      ready?.reason === 'Failed' ||
      ['Denied', 'InvalidRequest'].some((type) => condition(object, type)?.status === 'True')
    );
  });
}

function revisionOf(request: ObjectHistory): string | null {
  return text(lastLivingState(request)?.object, 'metadata', 'annotations', 'cert-manager.io/certificate-revision');
}

/** A field of a Challenge's spec, which does not change, from the first state that has it. */
function firstText(challenge: ObjectHistory, name: string): string | null {
  return challenge.states.map((state) => text(state.object, 'spec', name)).find((value) => value !== null) ?? null;
}

/** Why an issuance has no Challenge: the sentence names the first link of the chain that was not recorded. */
export function missingChallenge(evidence: Evidence, issuance: Issuance): string {
  const { namespace, name } = evidence.subject.certificate;
  const [request] = issuance.requests;
  const [order] = issuance.orders;
  if (issuance.certificate === undefined) return `No Certificate ${namespace}/${name} was recorded.`;
  if (request === undefined) return `No CertificateRequest of Certificate ${namespace}/${name} was recorded.`;
  if (order === undefined)
    return `No Order of CertificateRequest ${request.history.namespace}/${request.history.name} was recorded.`;
  return `No Challenge of Order ${order.history.namespace}/${order.history.name} was recorded.`;
}
