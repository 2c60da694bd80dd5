import { errorType, succeeded } from '../client/answer.ts';
import { acceptAnyway } from './accept-anyway.ts';
import { asProblem, withFields, withJson } from './answer-change.ts';
import { changeAnswers, changeErrors } from './change-answers.ts';
import type { ResourceKind } from './conversation.ts';
import type { Deviation } from './deviation.ts';
import { readSigned } from './signed-request.ts';

/** Groups 20 to 27 and 36, as far as they need no issuance: orders and authorizations. */

const rfc = 8555;
const orderAnswers = ['newOrder', 'order', 'finalize'] as const;

/** A resource that any account may read. */
function readableByAnyone(kind: ResourceKind): Deviation['apply'] {
  return acceptAnyway(
    ({ header: { kid }, payload }, request, conversation, refusal) =>
      errorType(refusal) !== 'badNonce' &&
      payload === '' &&
      conversation.isFor(request, kind) &&
      kid !== conversation.ownerOf(request.url),
  );
}

interface Identifier {
  readonly type: string;
  readonly value: string;
}

export const orderDeviations: readonly Deviation[] = [
  {
    name: 'new-order-answered-200',
    describes: 'newOrder is answered 200.',
    ...{ rfc, section: '7.4' },
    breaks: ['new-order'],
    apply: changeAnswers(['newOrder'], (answer) => ({ ...answer, status: 200 })),
  },
  {
    name: 'order-with-other-identifiers',
    describes: 'An order has other identifiers than were asked for.',
    ...{ rfc, section: '7.4' },
    breaks: [
      'order-has-the-identifiers',
      'several-names',
      'mixed-case-name',
      'internationalized-name',
      'valid-order-names-its-certificate',
    ],
    apply: changeAnswers(orderAnswers, (answer) =>
      withJson(answer, (order) => ({
        ...order,
        identifiers: ((order.identifiers ?? []) as readonly Identifier[]).map(({ type, value }) => ({
          type,
          value: `other-${value}`,
        })),
      })),
    ),
  },
  {
    name: 'pending-order-without-expires',
    describes: 'A pending order has no expires.',
    ...{ rfc, section: '7.1.3' },
    breaks: ['pending-order-expires'],
    apply: changeAnswers(orderAnswers, (answer) =>
      withJson(answer, (order) => (order.status === 'pending' ? { ...order, expires: undefined } : order)),
    ),
  },
  {
    name: 'order-changes-authorizations',
    describes: 'An order that is read again has other authorizations.',
    ...{ rfc, section: '7.1.3' },
    breaks: ['order-stays-the-same'],
    apply: changeAnswers(['order'], (answer) =>
      withJson(answer, (order) => ({
        ...order,
        authorizations: ((order.authorizations ?? []) as readonly string[]).map((url) => `${url}-other`),
      })),
    ),
  },
  {
    name: 'any-identifier-type-accepted',
    describes: 'An order with an unknown type of identifier is accepted.',
    ...{ rfc, section: '7.4' },
    breaks: ['unknown-identifier-type'],
    apply: acceptAnyway(
      ({ fields }, request, conversation, refusal) =>
        errorType(refusal) !== 'badNonce' &&
        conversation.isFor(request, 'newOrder') &&
        ((fields.identifiers ?? []) as readonly Identifier[]).some(({ type }) => !['dns', 'ip'].includes(type)),
    ),
  },
  {
    name: 'wildcard-not-marked',
    describes: "A wildcard's authorization has no field wildcard.",
    ...{ rfc, section: '7.1.4' },
    breaks: ['wildcard-authorization', 'wildcard-and-base-domain'],
    apply: changeAnswers(['authorization'], (answer) => withFields(answer, { wildcard: undefined })),
  },
  {
    name: 'nonsense-date-accepted',
    describes: 'An order whose notAfter is no date is accepted.',
    ...{ rfc, section: '7.4' },
    breaks: ['nonsense-date'],
    apply: acceptAnyway(
      ({ fields: { notAfter } }, request, conversation, refusal) =>
        errorType(refusal) !== 'badNonce' &&
        conversation.isFor(request, 'newOrder') &&
        notAfter !== undefined &&
        Number.isNaN(Date.parse(String(notAfter))),
    ),
  },
  {
    name: 'order-readable-by-anyone',
    describes: 'An order is readable by another account.',
    ...{ rfc, section: '6.3' },
    breaks: ['order-of-another-account'],
    apply: readableByAnyone('order'),
  },
  {
    name: 'authorization-readable-by-anyone',
    describes: 'An authorization is readable by another account.',
    ...{ rfc, section: '6.3' },
    breaks: ['authorization-of-another-account'],
    apply: async (request, forward, conversation) => {
      const kid = readSigned(request)?.header.kid;
      const owner = conversation.ownerOf(request.url);
      const isForeign = kid !== undefined && kid !== owner && conversation.isFor(request, 'authorization');
      if (!isForeign) return forward(request);
      // It may not have been read by its owner yet.
      const known = await conversation.lastGoodAgain(request.url);
      return known ?? conversation.answer(200, { status: 'pending', challenges: [] });
    },
  },
  {
    name: 'unknown-order-answered-500',
    describes: 'A URL that leads to nothing is answered 500 instead of 404.',
    rfc: 9110,
    section: '15.5.5',
    breaks: ['unknown-order', 'unknown-resources'],
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const isUnknown = request.method === 'POST' && conversation.kindOf(request.url) === null;
      return isUnknown && answer.status === 404 ? asProblem(answer, 500, 'serverInternal') : answer;
    },
  },
  {
    name: 'deactivated-authorization-stays-pending',
    describes: 'An authorization that was deactivated is still pending.',
    ...{ rfc, section: '7.5.2' },
    breaks: ['deactivated-authorization'],
    apply: changeAnswers(['authorization'], (answer, request) =>
      readSigned(request)?.payload === ''
        ? withJson(answer, (one) => (one.status === 'deactivated' ? { ...one, status: 'pending' } : one))
        : answer,
    ),
  },
  {
    name: 'order-outlives-deactivated-authorization',
    describes: 'An order stays pending after its authorization was deactivated.',
    ...{ rfc, section: '7.1.6' },
    breaks: ['order-of-deactivated-authorization'],
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      if (!succeeded(answer)) return answer;
      const isDeactivation = readSigned(request)?.fields.status === 'deactivated';
      if (isDeactivation && conversation.isFor(request, 'authorization')) {
        conversation.memory.set(conversation.parentOf(request.url) ?? '', true);
      }
      const isOutlived = conversation.isFor(request, 'order') && conversation.memory.has(request.url);
      return isOutlived ? withFields(answer, { status: 'pending' }) : answer;
    },
  },
  {
    name: 'order-not-ready-is-malformed',
    describes: 'A finalize of an order that is not ready is refused with 400 malformed.',
    ...{ rfc, section: '7.4' },
    breaks: ['finalize-before-ready', 'finalize-of-valid-order'],
    apply: changeErrors('orderNotReady', (answer) => asProblem(answer, 400, 'malformed')),
  },
];
