import { errorType, header, links, succeeded } from '../client/answer.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../client/transport.ts';
import { answerAsHonest } from './accept-anyway.ts';
import { asProblem, withFields, withHeader } from './answer-change.ts';
import { Conversation } from './conversation.ts';
import { DeviantTransport } from './deviant-transport.ts';
import { rfcCorrectIssuances } from './rfc-correct-issuances-fixture.ts';
import { rfcCorrectSubdomains } from './rfc-correct-subdomains-fixture.ts';
import { rfcCorrectValidations } from './rfc-correct-validations-fixture.ts';
import { readJws, readSigned, type SignedRequest } from './signed-request.ts';

/**
 * For tests: Pebble with its deviations from the RFCs (docs/ca-results/pebble.md) corrected, as far as that is possible from
 * outside. So a check that Pebble fails is also seen passing, and only a deviation turns it red.
 */
export function rfcCorrectPebble(transport: Transport, directoryUrl: string): Transport {
  const corrections = [...rfcCorrectIssuances, ...rfcCorrectValidations, ...rfcCorrectSubdomains].map((apply) => ({
    name: 'correction',
    describes: '',
    rfc: 8555,
    section: '7',
    breaks: [],
    apply,
  }));
  return corrections.reduce<Transport>(
    (behind, deviation) => new DeviantTransport({ deviation, transport: behind, directoryUrl }),
    new RfcCorrectPebble(transport, directoryUrl),
  );
}

/** Pebble with its deviations in the protocol corrected. */
class RfcCorrectPebble implements Transport {
  readonly #transport: Transport;
  readonly #conversation: Conversation;

  constructor(transport: Transport, directoryUrl: string) {
    this.#transport = transport;
    this.#conversation = new Conversation(directoryUrl, (request) => transport.send(request));
  }

  async send(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const conversation = this.#conversation;
    const signed = readSigned(request);
    const refused = signed === null ? null : await refuseBefore(request, signed, conversation);
    if (refused !== null) return refused;
    const answer = await this.#transport.send(request, signal);
    await conversation.learn(request, answer);
    const corrected = signed === null ? answer : await correctPost(request, signed, answer, conversation);
    return correctAny(request, corrected, conversation);
  }
}

/** Refuses what Pebble accepts and must not. */
async function refuseBefore(
  request: HttpRequest,
  { header: { kid }, fields, payload }: SignedRequest,
  conversation: Conversation,
): Promise<HttpAnswer | null> {
  if (conversation.isFor(request, 'newOrder')) {
    const isNonsense = [fields.notBefore, fields.notAfter].some(
      (date) => date !== undefined && Number.isNaN(Date.parse(String(date))),
    );
    if (isNonsense) return conversation.problem(400, 'malformed', 'a date is not an RFC 3339 date');
  }
  if (conversation.isFor(request, 'account') && kid !== undefined && kid !== request.url) {
    return conversation.problem(401, 'unauthorized', 'the account is of another key');
  }
  if (conversation.isFor(request, 'keyChange')) {
    const other = await conversation.accountOf(readJws(payload)?.header.jwk);
    if (other !== undefined && other !== kid) {
      return conversation.problem(409, 'malformed', 'the key is in use', { location: [other] });
    }
  }
  return null;
}

async function correctPost(
  request: HttpRequest,
  signed: SignedRequest,
  answer: HttpAnswer,
  conversation: Conversation,
): Promise<HttpAnswer> {
  const { nonce, alg, url, jwk, kid } = signed.header;
  const type = errorType(answer);
  if (type === 'badNonce' && typeof nonce === 'string' && !/^[\w-]+$/.test(nonce)) {
    return asProblem(answer, 400, 'malformed');
  }
  if (type === 'badSignatureAlgorithm') {
    return alg === 'EdDSA'
      ? answerAsHonest(request, signed, conversation)
      : withFields(answer, { algorithms: ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256'] });
  }
  if (type === 'malformed' && url !== undefined && url !== request.url) return asProblem(answer, 403, 'unauthorized');
  const { n } = (jwk ?? {}) as { n?: unknown };
  if (typeof n === 'string' && Buffer.from(n, 'base64url').length < 256) return asProblem(answer, 400, 'badPublicKey');
  // Pebble takes no other response to a challenge than {}.
  if (conversation.isFor(request, 'challenge') && type === 'malformed' && 'padlockUnknown' in signed.fields) {
    const parent = conversation.parentOf(request.url) ?? '';
    conversation.memory.set(parent, 'valid');
    return {
      ...answer,
      status: 200,
      headers: { ...answer.headers, 'content-type': ['application/json'], link: [`<${parent}>;rel="up"`] },
      body: JSON.stringify({ type: 'http-01', url: request.url, status: 'processing' }),
    };
  }
  if (conversation.isFor(request, 'authorization') && conversation.memory.get(request.url) === 'valid') {
    return withFields(answer, { status: 'valid' });
  }
  if (succeeded(answer) && signed.fields.status === 'deactivated') conversation.memory.set(request.url, true);
  if (type === 'unauthorized' && conversation.memory.has(String(kid))) return asProblem(answer, 401, 'unauthorized');
  const types = JSON.stringify(signed.fields.identifiers ?? null);
  if (type === 'malformed' && conversation.isFor(request, 'newOrder') && types.includes('"padlock-unknown"')) {
    return asProblem(answer, 400, 'unsupportedIdentifier');
  }
  const up = conversation.isFor(request, 'challenge') ? conversation.parentOf(request.url) : undefined;
  return up !== undefined && succeeded(answer) && links(answer, 'up').length === 0
    ? withHeader(answer, 'link', ...(answer.headers.link ?? []), `<${up}>;rel="up"`)
    : answer;
}

function correctAny(request: HttpRequest, answer: HttpAnswer, conversation: Conversation): HttpAnswer {
  if (conversation.isFor(request, 'newNonce') && request.method !== 'POST') {
    return withHeader(answer, 'cache-control', 'no-store');
  }
  const isProblem = header(answer, 'content-type')?.startsWith('application/problem+json') === true;
  return answer.status >= 400 && !isProblem && request.method !== 'HEAD'
    ? asProblem(answer, answer.status, 'malformed')
    : answer;
}
