import { errorType, inWords } from '../../client/answer.ts';
import { sharedIssuance } from '../../client/issuance.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { correctRequest } from '../../deviations/accept-anyway.ts';
import { asProblem } from '../../deviations/answer-change.ts';
import type { ResourceKind } from '../../deviations/conversation.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { type CheckFinding, expectThat, readOnly, standard } from '../check.ts';
import { group } from '../group.ts';
import { challengesOf, urlOf } from '../validation/failed-challenge.ts';
import { lookUp } from './look-up.ts';

function methodNotAllowed(answer: HttpAnswer): CheckFinding {
  const right = answer.status === 405 && errorType(answer) === 'malformed';
  return expectThat(
    right,
    `The CA answered GET with ${inWords(answer)}${right ? '' : ' instead of 405 malformed'}.`,
    answer,
  );
}

/** Answers a plain GET of a resource like POST-as-GET. */
function readableByGet(kind: ResourceKind): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const known =
      request.method === 'GET' && conversation.isFor(request, kind)
        ? await conversation.lastGoodAgain(request.url)
        : null;
    return known ?? forward(request);
  };
}

export const plainGetAndContentType = group(3, 'Plain GET and Content-Type', {
  runs: 'protocol',
  checks: [
    // RFC 8555 section 6.3: Only the directory and newNonce may be read by plain GET. Elsewhere the server answers 405
    // malformed.
    {
      ...standard,
      id: 'get-of-order',
      section: '6.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers a plain GET of an order with 405 malformed.',
      run: async (session) => methodNotAllowed(await session.get((await session.order()).url)),
    },
    // RFC 8555 section 6.3: Only the directory and newNonce may be read by plain GET. Elsewhere the server answers 405
    // malformed.
    {
      ...standard,
      id: 'get-of-authorization',
      section: '6.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers a plain GET of an authorization with 405 malformed.',
      run: async (session) => methodNotAllowed(await session.get(session.authorizationOf(await session.order()))),
    },
    // RFC 8555 section 6.3: The server answers any other GET with 405 malformed, here of an account.
    {
      ...standard,
      id: 'get-of-account',
      section: '6.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers a plain GET of an account with 405 malformed.',
      run: async (session) => methodNotAllowed(await session.get((await session.account()).url)),
    },
    // RFC 8555 section 6.3: The server answers any other GET with 405 malformed, here of keyChange.
    {
      ...readOnly,
      id: 'get-of-key-change',
      section: '6.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers a plain GET of keyChange with 405 malformed.',
      run: async (session) => methodNotAllowed(await session.get(await session.resource('keyChange'))),
    },
    // RFC 8555 section 6.3: The server answers any other GET with 405 malformed, here of a challenge.
    {
      ...standard,
      id: 'get-of-challenge',
      section: '6.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers a plain GET of a challenge with 405 malformed.',
      async run(session) {
        const [challenge] = await challengesOf(session, await session.order());
        return methodNotAllowed(await session.get(urlOf(challenge)));
      },
    },
    // RFC 8555 section 6.2: A JWS comes as application/jose+json. The server answers any other media type with 415.
    {
      ...readOnly,
      id: 'content-type',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers a JWS sent as application/json with 415.',
      async run(session) {
        const answer = await lookUp(session, { contentType: 'application/json' });
        return expectThat(answer.status === 415, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 6.3: Only the directory and newNonce may be read by plain GET. Elsewhere the server answers 405
    // malformed.
    {
      ...standard,
      id: 'get-of-certificate',
      runs: 'issuance',
      section: '6.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers a plain GET of a certificate with 405 malformed.',
      run: async (session) => methodNotAllowed(await session.get((await sharedIssuance(session)).certificateUrl)),
    },
  ],
  deviations: [
    {
      name: 'order-by-get',
      describes: 'An order is readable by a plain GET.',
      rfc: 8555,
      section: '6.3',
      breaks: ['get-of-order'],
      apply: readableByGet('order'),
    },
    {
      name: 'authorization-by-get',
      describes: 'An authorization is readable by a plain GET.',
      rfc: 8555,
      section: '6.3',
      breaks: ['get-of-authorization'],
      apply: async (request, forward, conversation) => {
        if (request.method !== 'GET' || !conversation.isFor(request, 'authorization')) return forward(request);
        // If nobody has read it yet, a minimal authorization must do.
        const known = await conversation.lastGoodAgain(request.url);
        return known ?? conversation.answer(200, { status: 'pending', challenges: [] });
      },
    },
    {
      name: 'account-by-get',
      describes: 'An account is readable by a plain GET.',
      rfc: 8555,
      section: '6.3',
      breaks: ['get-of-account'],
      apply: readableByGet('account'),
    },
    {
      name: 'key-change-get-is-bad-request',
      describes: 'A plain GET of keyChange is answered 400.',
      rfc: 8555,
      section: '6.3',
      breaks: ['get-of-key-change'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        const isIt = request.method === 'GET' && conversation.isFor(request, 'keyChange');
        return isIt ? asProblem(answer, 400, 'malformed') : answer;
      },
    },
    {
      name: 'challenge-by-get',
      describes: 'A challenge is readable by a plain GET.',
      rfc: 8555,
      section: '6.3',
      breaks: ['get-of-challenge'],
      apply: async (request, forward, conversation) =>
        request.method === 'GET' && conversation.isFor(request, 'challenge')
          ? conversation.answer(200, { type: 'http-01', url: request.url, status: 'pending' })
          : forward(request),
    },
    {
      name: 'any-content-type',
      describes: 'The CA accepts a JWS with any Content-Type.',
      rfc: 8555,
      section: '6.2',
      breaks: ['content-type'],
      apply: correctRequest((request) =>
        readSigned(request) === null
          ? request
          : { ...request, headers: { ...request.headers, 'content-type': 'application/jose+json' } },
      ),
    },
    {
      name: 'certificate-by-get',
      describes: 'A certificate is readable by a plain GET.',
      rfc: 8555,
      section: '6.3',
      breaks: ['get-of-certificate'],
      apply: readableByGet('certificate'),
    },
  ],
});
