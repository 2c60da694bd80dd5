import type { Evidence } from '../../evidence/evidence.ts';
import { type Issuance, missingChallenge, type RecordedOrder, type RecordedRequest } from '../../issuance/issuance.ts';
import {
  condition,
  deletion,
  describeCondition,
  lastLivingState,
  list,
  nameOf,
  text,
} from '../../issuance/recorded-object.ts';
import { validatedBeforehand } from '../../issuance/validated-beforehand.ts';
import { type Check, failed, passed } from '../check.ts';

/** The issuance's own objects (RFC 8555, section 7.1.6: the states of orders, authorizations and challenges). */
export const orderCompleted: Check = {
  id: 'order-completed',
  asserts:
    'Every CertificateRequest, Order and Challenge of the Certificate reached its final state successfully, and the Certificate is Ready.',
  judge(evidence, issuance) {
    const beforehand = validatedBeforehand(issuance);
    const defects = [
      ...certificateDefects(evidence, issuance),
      ...issuance.requests.flatMap((request) => [
        ...requestDefects(request),
        ...request.orders.flatMap((order) => orderDefects(order, beforehand !== null)),
      ]),
    ];
    if (defects.length > 0) return failed(defects.join(' '));
    const { requests, replaced, orders, challenges, certificate } = issuance;
    if (certificate === undefined || (challenges.length === 0 && beforehand === null)) {
      return failed(missingChallenge(evidence, issuance));
    }
    const names = [...requests, ...orders, ...challenges].map(({ history }) => nameOf(history));
    const removed = replaced.map(
      ({ history }) =>
        ` cert-manager replaced a ${nameOf(history)} at ${deletion(history)?.at ?? 'no time'}, before it led to a result.`,
    );
    return passed(
      `${nameOf(certificate)} is Ready; these objects reached their final states: ${names.join(', ')}.${beforehand === null ? '' : ` ${beforehand}`}${removed.join('')}`,
    );
  },
};

function certificateDefects(evidence: Evidence, issuance: Issuance): string[] {
  const { certificate, requests } = issuance;
  if (certificate === undefined || requests.length === 0) return [missingChallenge(evidence, issuance)];
  const gone = deletion(certificate);
  if (gone !== undefined) return [`${nameOf(certificate)} was deleted at ${gone.at}.`];
  const ready = condition(lastLivingState(certificate)?.object, 'Ready');
  if (ready?.status === 'True' && ready.current) return [];
  return [`${nameOf(certificate)} should be Ready True, but its last state has ${describeCondition('Ready', ready)}.`];
}

function requestDefects({ history, orders }: RecordedRequest): string[] {
  const defects: string[] = [];
  const ready = condition(lastLivingState(history)?.object, 'Ready');
  if (ready?.status !== 'True') {
    defects.push(
      `${nameOf(history)} should be Ready True, but its last state has ${describeCondition('Ready', ready)}.`,
    );
  }
  if (orders.length === 0) defects.push(`No Order of ${nameOf(history)} was recorded.`);
  return defects;
}

function orderDefects({ history, challenges }: RecordedOrder, needsNoChallenge: boolean): string[] {
  const object = lastLivingState(history)?.object;
  const defects = stateDefects(history, object);
  if (challenges.length === 0 && !needsNoChallenge) defects.push(`No Challenge of ${nameOf(history)} was recorded.`);
  const answered = new Set(
    challenges.flatMap((challenge) =>
      challenge.history.states.flatMap((state) => text(state.object, 'spec', 'authorizationURL') ?? []),
    ),
  );
  for (const authorization of list(object, 'status', 'authorizations')) {
    const url = text(authorization, 'url');
    // A reused authorization is valid from the start and has no Challenge.
    if (challenges.length === 0 || url === null || text(authorization, 'initialState') === 'valid') continue;
    if (!answered.has(url))
      defects.push(`No Challenge for the authorization ${url} of ${nameOf(history)} was recorded.`);
  }
  for (const challenge of challenges) {
    defects.push(...stateDefects(challenge.history, lastLivingState(challenge.history)?.object));
  }
  return defects;
}

function stateDefects(history: RecordedOrder['history'], object: unknown): string[] {
  const state = text(object, 'status', 'state');
  if (state === 'valid') return [];
  const reason = text(object, 'status', 'reason');
  const seen = state === null ? 'no status.state' : `"${state}"`;
  return [
    `${nameOf(history)} should have reached the state valid, but the last state seen was ${seen}${reason === null ? '' : ` (${reason})`}.`,
  ];
}
