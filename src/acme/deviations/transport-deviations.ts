import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { errorType, header, succeeded } from '../client/answer.ts';
import type { HttpAnswer, HttpRequest } from '../client/transport.ts';
import { acceptAnyway, mendRequest } from './accept-anyway.ts';
import { asProblem, withFields, withHeader, withJson, withoutHeader, withoutLinks } from './answer-change.ts';
import { changeAnswers, changeErrors } from './change-answers.ts';
import type { Conversation, ResourceKind } from './conversation.ts';
import type { Deviation } from './deviation.ts';
import { readSigned, type SignedRequest } from './signed-request.ts';

/** Groups 1 to 11 and 43: directory, GET and POST-as-GET, nonces, JWS, rate limits. */

const rfc = 8555;
const knownAlgorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256'];

function isPostAsGet(request: HttpRequest): boolean {
  return readSigned(request)?.payload === '';
}

/** A resource that answers a plain GET as if it were POST-as-GET. */
function readableByGet(kind: ResourceKind): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const known =
      request.method === 'GET' && conversation.isFor(request, kind)
        ? await conversation.lastGoodAgain(request.url)
        : null;
    return known ?? forward(request);
  };
}

/** Changes the answers of newNonce to a method. */
function changeNewNonce(
  method: HttpRequest['method'] | null,
  change: (answer: HttpAnswer, conversation: Conversation) => HttpAnswer,
): Deviation['apply'] {
  return changeAnswers(['newNonce'], (answer, request, conversation) =>
    request.method === method || (method === null && request.method !== 'POST') ? change(answer, conversation) : answer,
  );
}

/** Refuses what is signed by an algorithm, though nothing else is wrong with it. */
function refuseAlgorithm(algorithm: string): Deviation['apply'] {
  const detail = `${algorithm} is not supported`;
  return async (request, forward, conversation) => {
    const signed = readSigned(request);
    if (signed?.header.alg !== algorithm) return forward(request);
    const makesAccount = conversation.isFor(request, 'newAccount') && signed.fields.onlyReturnExisting !== true;
    if (makesAccount) return conversation.problem(400, 'badSignatureAlgorithm', detail);
    const answer = await forward(request);
    const accepted = succeeded(answer) || errorType(answer) === 'accountDoesNotExist';
    if (!accepted) return answer;
    return withFields(asProblem(answer, 400, 'badSignatureAlgorithm', detail), {
      algorithms: ['ES256', 'RS256'].filter((one) => one !== algorithm),
    });
  };
}

function isVerified({ header: { alg, jwk }, signature }: SignedRequest, { body }: HttpRequest): boolean {
  const { protected: head, payload } = JSON.parse(body ?? '{}') as { protected?: string; payload?: string };
  const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  return verify(
    alg === 'EdDSA' ? null : 'sha256',
    Buffer.from(`${head}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
}

/** A JWS with its JSON object changed. */
function mendJws(
  change: (jws: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Deviation['apply'] {
  return mendRequest((request) =>
    readSigned(request) === null
      ? request
      : { ...request, body: JSON.stringify(change(JSON.parse(request.body ?? '{}') as Record<string, unknown>)) },
  );
}

const padOneInFour = changeNewNonce('HEAD', (answer, { memory }) => {
  const count = Number(memory.get('count') ?? 0);
  memory.set('count', count + 1);
  const nonce = header(answer, 'replay-nonce');
  return nonce === undefined || count % 4 !== 0 ? answer : withHeader(answer, 'replay-nonce', `${nonce}==`);
});

export const transportDeviations: readonly Deviation[] = [
  {
    name: 'directory-without-new-nonce',
    describes: 'The directory has no newNonce.',
    ...{ rfc, section: '7.1.1' },
    breaks: ['directory-is-served', 'directory-names-every-resource'],
    apply: changeAnswers(['directory'], (answer) => withFields(answer, { newNonce: undefined })),
  },
  {
    name: 'directory-without-key-change',
    describes: 'The directory has no keyChange.',
    ...{ rfc, section: '7.1.1' },
    breaks: ['directory-names-every-resource'],
    apply: changeAnswers(['directory'], (answer) => withFields(answer, { keyChange: undefined })),
  },
  {
    name: 'directory-with-plain-http',
    describes: 'The directory offers newAuthz by plain http.',
    ...{ rfc, section: '6.1' },
    breaks: ['directory-urls-are-https'],
    apply: changeAnswers(['directory'], (answer, { url }) =>
      withFields(answer, { newAuthz: `${new URL('/new-authz', url)}`.replace(/^https:/, 'http:') }),
    ),
  },
  {
    name: 'directory-meta-is-a-string',
    describes: 'The field meta of the directory is a string.',
    ...{ rfc, section: '7.1.1' },
    breaks: ['directory-meta-is-an-object', 'terms-must-be-agreed'],
    apply: changeAnswers(['directory'], (answer) => withFields(answer, { meta: 'none' })),
  },
  {
    name: 'directory-by-post-refused',
    describes: 'POST-as-GET of the directory is refused.',
    ...{ rfc, section: '6.3' },
    breaks: ['directory-by-post-as-get'],
    apply: changeAnswers(['directory'], (answer, request) =>
      isPostAsGet(request) ? asProblem(answer, 405, 'malformed') : answer,
    ),
  },
  {
    name: 'new-nonce-by-post-refused',
    describes: 'POST-as-GET of newNonce is refused.',
    ...{ rfc, section: '6.3' },
    breaks: ['new-nonce-by-post-as-get'],
    apply: changeAnswers(['newNonce'], (answer, request) =>
      isPostAsGet(request) ? asProblem(answer, 405, 'malformed') : answer,
    ),
  },
  {
    name: 'no-index-link',
    describes: 'No answer has a Link with the relation "index".',
    ...{ rfc, section: '7.1' },
    breaks: ['index-link', 'index-link-of-issuance', 'index-link-of-revocation'],
    apply: async (request, forward) => withoutLinks(await forward(request), 'index'),
  },
  {
    name: 'order-by-get',
    describes: 'An order is readable by a plain GET.',
    ...{ rfc, section: '6.3' },
    breaks: ['get-of-order'],
    apply: readableByGet('order'),
  },
  {
    name: 'authorization-by-get',
    describes: 'An authorization is readable by a plain GET.',
    ...{ rfc, section: '6.3' },
    breaks: ['get-of-authorization'],
    apply: async (request, forward, conversation) => {
      if (request.method !== 'GET' || !conversation.isFor(request, 'authorization')) return forward(request);
      // It may not have been read yet: then as little as an authorization can say.
      const known = await conversation.lastGoodAgain(request.url);
      return known ?? conversation.answer(200, { status: 'pending', challenges: [] });
    },
  },
  {
    name: 'any-content-type',
    describes: 'A JWS is taken with any Content-Type.',
    ...{ rfc, section: '6.2' },
    breaks: ['content-type'],
    apply: mendRequest((request) =>
      readSigned(request) === null
        ? request
        : { ...request, headers: { ...request.headers, 'content-type': 'application/jose+json' } },
    ),
  },
  {
    name: 'new-nonce-head-without-nonce',
    describes: 'HEAD of newNonce brings no Replay-Nonce.',
    ...{ rfc, section: '7.2' },
    breaks: ['new-nonce-head'],
    apply: changeNewNonce('HEAD', (answer) => withoutHeader(answer, 'replay-nonce')),
  },
  {
    name: 'new-nonce-head-answered-204',
    describes: 'HEAD of newNonce is answered 204.',
    ...{ rfc, section: '7.2' },
    breaks: ['new-nonce-head-status'],
    apply: changeNewNonce('HEAD', (answer) => ({ ...answer, status: 204 })),
  },
  {
    name: 'new-nonce-get-answered-200',
    describes: 'GET of newNonce is answered 200.',
    ...{ rfc, section: '7.2' },
    breaks: ['new-nonce-get'],
    apply: changeNewNonce('GET', (answer) => ({ ...answer, status: 200 })),
  },
  {
    name: 'new-nonce-may-be-stored',
    describes: 'The answers of newNonce have no Cache-Control.',
    ...{ rfc, section: '7.2' },
    breaks: ['new-nonce-is-not-stored'],
    apply: changeNewNonce(null, (answer) => withoutHeader(answer, 'cache-control')),
  },
  {
    name: 'new-order-without-nonce',
    describes: 'A successful newOrder brings no Replay-Nonce.',
    ...{ rfc, section: '6.5' },
    breaks: ['nonce-on-success'],
    apply: changeAnswers(['newOrder'], (answer) => withoutHeader(answer, 'replay-nonce')),
  },
  {
    name: 'errors-without-nonce',
    describes: 'Errors other than badNonce bring no Replay-Nonce.',
    ...{ rfc, section: '6.5' },
    breaks: ['nonce-on-error'],
    async apply(request, forward) {
      const answer = await forward(request);
      return answer.status >= 400 && errorType(answer) !== 'badNonce' ? withoutHeader(answer, 'replay-nonce') : answer;
    },
  },
  {
    name: 'padded-nonces',
    describes: 'One nonce of newNonce in four has base64 padding, and is then refused with badNonce.',
    ...{ rfc, section: '6.5.1' },
    breaks: ['nonces-are-base64url'],
    async apply(request, forward, conversation) {
      const nonce = readSigned(request)?.header.nonce;
      if (typeof nonce === 'string' && nonce.endsWith('==')) {
        return conversation.problem(400, 'badNonce', 'the nonce is not known');
      }
      return padOneInFour(request, forward, conversation);
    },
  },
  {
    name: 'same-nonce-twice',
    describes: 'One HEAD of newNonce in four brings the nonce of the one before.',
    ...{ rfc, section: '6.5.1' },
    breaks: ['nonces-are-unique'],
    apply: changeNewNonce('HEAD', (answer, { memory }) => {
      const count = Number(memory.get('count') ?? 0);
      const before = memory.get('nonce');
      memory.set('count', count + 1);
      memory.set('nonce', header(answer, 'replay-nonce'));
      return typeof before === 'string' && count % 4 === 1 ? withHeader(answer, 'replay-nonce', before) : answer;
    }),
  },
  {
    name: 'replayed-nonce-accepted',
    describes: 'newAccount accepts a nonce that was used.',
    ...{ rfc, section: '6.5' },
    breaks: ['replayed-nonce'],
    apply: acceptAnyway(
      ({ header: { nonce } }, request, conversation, refusal) =>
        errorType(refusal) === 'badNonce' && conversation.isFor(request, 'newAccount') && conversation.hasIssued(nonce),
    ),
  },
  {
    name: 'invented-nonce-accepted',
    describes: 'A nonce that was never issued is accepted.',
    ...{ rfc, section: '6.5' },
    breaks: ['invented-nonce'],
    apply: acceptAnyway(
      ({ header: { nonce } }, _request, conversation, refusal) =>
        errorType(refusal) === 'badNonce' &&
        typeof nonce === 'string' &&
        /^[\w-]+$/.test(nonce) &&
        !conversation.hasIssued(nonce),
    ),
  },
  {
    name: 'absent-nonce-accepted',
    describes: 'A request without a nonce is accepted.',
    ...{ rfc, section: '6.5' },
    breaks: ['absent-nonce'],
    apply: acceptAnyway(
      ({ header: { nonce } }, _request, _conversation, refusal) =>
        errorType(refusal) === 'badNonce' && nonce === undefined,
    ),
  },
  {
    name: 'ill-encoded-nonce-is-bad-nonce',
    describes: 'A nonce that is not base64url is refused with badNonce instead of malformed.',
    ...{ rfc, section: '6.5.2' },
    breaks: ['ill-encoded-nonce'],
    async apply(request, forward) {
      const answer = await forward(request);
      const nonce = readSigned(request)?.header.nonce;
      const isIllEncoded = typeof nonce === 'string' && !/^[\w-]+$/.test(nonce);
      return isIllEncoded && answer.status >= 400 ? asProblem(answer, 400, 'badNonce') : answer;
    },
  },
  {
    name: 'bad-nonce-without-nonce',
    describes: 'A badNonce error brings no Replay-Nonce.',
    ...{ rfc, section: '6.5' },
    breaks: ['bad-nonce-brings-a-good-one'],
    apply: changeErrors('badNonce', (answer) => withoutHeader(answer, 'replay-nonce')),
  },
  {
    name: 'alg-none-accepted',
    describes: 'A JWS with alg none is accepted.',
    ...{ rfc, section: '6.2' },
    breaks: ['alg-none'],
    apply: acceptAnyway(({ header: { alg } }) => alg === 'none'),
  },
  {
    name: 'alg-hmac-accepted',
    describes: 'A JWS with a MAC by the public key is accepted.',
    ...{ rfc, section: '6.2' },
    breaks: ['alg-hmac'],
    apply: acceptAnyway(({ header: { alg } }) => alg === 'HS256'),
  },
  {
    name: 'alg-unknown-is-malformed',
    describes: 'A JWS with an unknown algorithm is refused with malformed instead of badSignatureAlgorithm.',
    ...{ rfc, section: '6.2' },
    breaks: ['alg-unknown'],
    async apply(request, forward) {
      const answer = await forward(request);
      const alg = readSigned(request)?.header.alg;
      const isUnknown = typeof alg === 'string' && ![...knownAlgorithms, 'none', 'HS256'].includes(alg);
      return isUnknown && answer.status >= 400 ? asProblem(answer, 400, 'malformed') : answer;
    },
  },
  {
    name: 'algorithms-not-listed',
    describes: 'badSignatureAlgorithm does not list the supported algorithms.',
    ...{ rfc, section: '6.2' },
    breaks: ['algorithms-are-listed'],
    apply: changeErrors('badSignatureAlgorithm', (answer) => withFields(answer, { algorithms: undefined })),
  },
  {
    name: 'es256-refused',
    describes: 'A JWS by ES256 is refused.',
    ...{ rfc, section: '6.2' },
    // Look-ups are by ES256.
    breaks: ['bad-nonce-brings-a-good-one', 'alg-es256', 'look-up-of-unknown-key'],
    apply: refuseAlgorithm('ES256'),
  },
  {
    name: 'eddsa-refused',
    describes: 'A JWS by EdDSA is refused.',
    ...{ rfc, section: '6.2' },
    breaks: ['alg-eddsa'],
    apply: refuseAlgorithm('EdDSA'),
  },
  {
    name: 'rs256-refused',
    describes: 'A JWS by RS256 is refused.',
    ...{ rfc, section: '6.2' },
    breaks: ['alg-rs256', 'revocation-by-certificate-key'],
    apply: refuseAlgorithm('RS256'),
  },
  {
    name: 'jwk-and-kid-accepted',
    describes: 'A JWS with both jwk and kid is accepted.',
    ...{ rfc, section: '6.2' },
    breaks: ['jwk-and-kid'],
    apply: acceptAnyway(({ header: { jwk, kid } }) => jwk !== undefined && kid !== undefined),
  },
  {
    name: 'new-order-by-jwk-accepted',
    describes: 'newOrder is accepted with the jwk of an account instead of its kid.',
    ...{ rfc, section: '6.2' },
    breaks: ['jwk-on-new-order'],
    apply: acceptAnyway(
      async ({ header: { jwk, kid } }, request, conversation) =>
        conversation.isFor(request, 'newOrder') &&
        kid === undefined &&
        (await conversation.accountOf(jwk)) !== undefined,
    ),
  },
  {
    name: 'new-account-by-kid-accepted',
    describes: 'newAccount is accepted with a kid instead of a jwk.',
    ...{ rfc, section: '6.2' },
    breaks: ['kid-on-new-account'],
    apply: acceptAnyway(
      ({ header: { jwk, kid } }, request, conversation) =>
        conversation.isFor(request, 'newAccount') && kid !== undefined && jwk === undefined,
    ),
  },
  {
    name: 'unprotected-header-accepted',
    describes: 'A JWS with an unprotected header is accepted.',
    ...{ rfc, section: '6.2' },
    breaks: ['unprotected-header'],
    apply: mendJws(({ header: _, ...jws }) => jws),
  },
  {
    name: 'several-signatures-accepted',
    describes: 'A JWS with several signatures is accepted.',
    ...{ rfc, section: '6.2' },
    breaks: ['several-signatures'],
    apply: mendJws(({ signatures, ...jws }) =>
      Array.isArray(signatures) ? { ...jws, ...(signatures[0] as Record<string, unknown>) } : jws,
    ),
  },
  {
    name: 'signature-not-verified',
    describes: 'newAccount is accepted with a signature that is not that of its payload.',
    ...{ rfc, section: '6.2' },
    breaks: ['altered-payload'],
    apply: acceptAnyway(
      (signed, request, conversation) =>
        conversation.isFor(request, 'newAccount') &&
        signed.header.jwk !== undefined &&
        !signed.several &&
        knownAlgorithms.includes(String(signed.header.alg)) &&
        !isVerified(signed, request),
    ),
  },
  {
    name: 'unencoded-payload-accepted',
    describes: 'A JWS whose payload is not encoded is accepted.',
    ...{ rfc, section: '6.2' },
    breaks: ['unencoded-payload'],
    apply: acceptAnyway(({ header: { b64 } }) => b64 === false),
  },
  {
    name: 'detached-payload-accepted',
    describes: 'A JWS without its payload is taken for a look-up.',
    ...{ rfc, section: '6.2' },
    breaks: ['detached-payload'],
    async apply(request, forward, conversation) {
      const isDetached = request.body !== undefined && !request.body.includes('"payload"');
      return isDetached && conversation.isFor(request, 'newAccount')
        ? conversation.problem(400, 'accountDoesNotExist', 'there is no account of this key')
        : forward(request);
    },
  },
  {
    name: 'padded-base64url-accepted',
    describes: 'A signature in base64url with padding is accepted.',
    ...{ rfc, section: '6.1' },
    breaks: ['padded-base64url'],
    apply: mendJws((jws) =>
      typeof jws.signature === 'string' ? { ...jws, signature: jws.signature.replace(/=+$/, '') } : jws,
    ),
  },
  {
    name: 'foreign-url-accepted',
    describes: 'A JWS whose url is not that of the request is accepted.',
    ...{ rfc, section: '6.4' },
    breaks: ['foreign-url'],
    apply: acceptAnyway(({ header: { url } }, request) => url !== undefined && url !== request.url),
  },
  {
    name: 'absent-url-accepted',
    describes: 'A JWS without a url is accepted.',
    ...{ rfc, section: '6.4.1' },
    breaks: ['absent-url'],
    apply: acceptAnyway(({ header: { url } }) => url === undefined),
  },
  {
    name: 'short-rsa-key-is-malformed',
    describes: 'An RSA key of less than 2048 bits is refused with malformed instead of badPublicKey.',
    ...{ rfc, section: '6.2' },
    breaks: ['unacceptable-key'],
    async apply(request, forward) {
      const answer = await forward(request);
      const { n } = (readSigned(request)?.header.jwk ?? {}) as { n?: unknown };
      const isShort = typeof n === 'string' && Buffer.from(n, 'base64url').length < 256;
      return isShort ? asProblem(answer, 400, 'malformed') : answer;
    },
  },
  {
    name: 'rate-limited-without-retry-after',
    describes: 'An order with a wildcard is refused as rateLimited, without Retry-After.',
    ...{ rfc, section: '6.6' },
    breaks: ['retry-after-is-understandable'],
    async apply(request, forward, conversation) {
      const { identifiers } = readSigned(request)?.fields ?? {};
      const isWildcard = conversation.isFor(request, 'newOrder') && JSON.stringify(identifiers ?? null).includes('"*.');
      return isWildcard ? conversation.problem(403, 'rateLimited', 'too many wildcards') : forward(request);
    },
  },
  {
    name: 'html-error',
    describes: 'A refused key change is answered with a page of HTML.',
    ...{ rfc, section: '6.7' },
    breaks: ['errors-are-problem-documents'],
    apply: changeRefusedKeyChange((answer) => ({
      ...withHeader(answer, 'content-type', 'text/html'),
      body: '<!doctype html><title>Error</title><p>Something went wrong.',
    })),
  },
  {
    name: 'unregistered-error-type',
    describes: "A refused key change has an error type in ACME's namespace that is not registered.",
    ...{ rfc, section: '6.7' },
    breaks: ['error-types-are-registered'],
    apply: changeRefusedKeyChange((answer) => asProblem(answer, answer.status, 'badKeyChange')),
  },
  {
    name: 'identifier-outside-subproblems',
    describes: 'The problem document of a refused key change has an identifier at its top level.',
    ...{ rfc, section: '6.7.1' },
    breaks: ['identifier-only-in-subproblems'],
    apply: changeRefusedKeyChange((answer) =>
      withJson(answer, (problem) => ({ ...problem, identifier: { type: 'dns', value: 'example.org' } })),
    ),
  },
];

/** Errors whose type no other check looks at. */
function changeRefusedKeyChange(change: (answer: HttpAnswer) => HttpAnswer): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const answer = await forward(request);
    const isRefused =
      conversation.isFor(request, 'keyChange') &&
      answer.status >= 400 &&
      answer.status < 500 &&
      errorType(answer) !== 'badNonce';
    return isRefused ? change(answer) : answer;
  };
}
