import { succeeded } from '../client/answer.ts';
import { asProblem, withFields, withHeader } from './answer-change.ts';
import type { Deviation } from './deviation.ts';
import { readSigned } from './signed-request.ts';

/** Behaviours of CAs that broke clients in practice, for an ordinary issuance. Not each violates an RFC, so none is in the catalogue. */
export const fieldBehaviours: readonly Deviation[] = [
  {
    ...{ name: 'field-retry-after-a-day', rfc: 8555, section: '7.5.1', breaks: [] },
    describes: 'Authorizations and orders that are not done yet ask for a day of patience in Retry-After.',
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const isWait = conversation.isFor(request, 'authorization', 'order', 'finalize') && isPending(answer.body);
      return isWait && succeeded(answer) ? withHeader(answer, 'retry-after', '86400') : answer;
    },
  },
  {
    ...{ name: 'field-one-429', rfc: 8555, section: '6.6', breaks: [] },
    describes: 'The first newOrder is refused with 429, rateLimited and a Retry-After of 5 s; the next is not.',
    apply: async (request, forward, conversation) =>
      conversation.isFor(request, 'newOrder') && isFirst(conversation.memory, 'newOrder')
        ? conversation.problem(429, 'rateLimited', 'too many orders', { 'retry-after': ['5'] })
        : forward(request),
  },
  {
    ...{ name: 'field-html-refusal', rfc: 8555, section: '6.7', breaks: [] },
    describes: 'Each newOrder is refused with 503 and a page of HTML, as a load balancer does.',
    async apply(request, forward, conversation) {
      if (!conversation.isFor(request, 'newOrder')) return forward(request);
      const refusal = await conversation.problem(503, 'serverInternal', 'unavailable');
      const body = '<!doctype html><html><head><title>503 Service Unavailable</title></head><body></body></html>';
      return { ...withHeader(refusal, 'content-type', 'text/html'), body };
    },
  },
  {
    ...{ name: 'field-body-cut-short', rfc: 8555, section: '7.1.4', breaks: [] },
    describes: 'The first read of each authorization succeeds with half of its JSON.',
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const isCut = isRead(request) && conversation.isFor(request, 'authorization');
      return isCut && succeeded(answer) && isFirst(conversation.memory, request.url)
        ? { ...answer, body: answer.body.slice(0, answer.body.length / 2) }
        : answer;
    },
  },
  {
    ...{ name: 'field-order-stays-pending', rfc: 8555, section: '7.1.6', breaks: [] },
    describes: 'An order is read as pending after its authorizations are valid, until it is finalized.',
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const isReady = conversation.isFor(request, 'order') && /"status":\s*"ready"/.test(answer.body);
      return isReady ? withFields(answer, { status: 'pending' }) : answer;
    },
  },
  {
    ...{ name: 'field-refused-and-issued', rfc: 8555, section: '7.4', breaks: [] },
    describes: 'finalize is refused with 400, and the certificate is issued nevertheless.',
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      return conversation.isFor(request, 'finalize') && succeeded(answer)
        ? asProblem(answer, 400, 'malformed', 'the order cannot be finalized')
        : answer;
    },
  },
  {
    ...{ name: 'field-reads-fail-once', rfc: 8555, section: '6.7', breaks: [] },
    describes: 'The first read of each order and authorization is answered 500.',
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const isMet = isRead(request) && conversation.isFor(request, 'order', 'authorization');
      return isMet && isFirst(conversation.memory, request.url)
        ? asProblem(answer, 500, 'serverInternal', 'try again')
        : answer;
    },
  },
];

/** Whether an object of the CA is not done yet. */
function isPending(body: string): boolean {
  return /"status":\s*"(pending|processing)"/.test(body);
}

function isRead(request: Parameters<Deviation['apply']>[0]): boolean {
  return readSigned(request)?.payload === '';
}

/** True the first time that a key is asked for. */
function isFirst(memory: Map<string, unknown>, key: string): boolean {
  const isNew = !memory.has(key);
  memory.set(key, true);
  return isNew;
}
