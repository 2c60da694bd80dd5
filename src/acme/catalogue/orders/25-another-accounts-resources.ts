import { errorType, inWords, jsonObject } from '../../client/answer.ts';
import { sharedIssuance } from '../../client/issuance.ts';
import type { AcmeSession } from '../../client/session.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { asProblem } from '../../deviations/answer-change.ts';
import type { ResourceKind } from '../../deviations/conversation.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectRefusal, expectThat, standard } from '../check.ts';
import { group } from '../group.ts';
import { issuedResources } from '../issuance/issued-resources.ts';

async function refusedToStrangers(session: AcmeSession, url: string) {
  const answer = await session.read(await session.stranger(), url);
  return expectRefusal(answer, `The CA answered another account with ${inWords(answer)}`);
}

/** Lets any account read a resource. */
function readableByAnyone(kind: ResourceKind): Deviation['apply'] {
  return acceptAnyway(
    ({ header: { kid }, payload }, request, conversation, refusal) =>
      errorType(refusal) !== 'badNonce' &&
      payload === '' &&
      conversation.isFor(request, kind) &&
      kid !== conversation.ownerOf(request.url),
  );
}

export const anotherAccountsResources = group(25, "Another account's resources", {
  runs: 'orders',
  checks: [
    // RFC 8555 section 6.3: The server checks that the account may read the resource.
    {
      ...standard,
      id: 'order-of-another-account',
      section: '6.3',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'Another account cannot read an order.',
      run: async (session) => refusedToStrangers(session, (await session.order()).url),
    },
    // RFC 8555 section 6.3: The server checks that the account may read the resource.
    {
      ...standard,
      id: 'authorization-of-another-account',
      section: '6.3',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'Another account cannot read an authorization.',
      run: async (session) => refusedToStrangers(session, session.authorizationOf(await session.order())),
    },
    // RFC 9110 section 15.5.5: 404 is the status for a resource that does not exist.
    {
      ...standard,
      id: 'unknown-order',
      rfc: 9110,
      section: '15.5.5',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The CA answers an unknown order URL with 404.',
      async run(session) {
        const { account, url } = await session.order();
        const answer = await session.read(account, `${url}-padlock`);
        return expectThat(answer.status === 404, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 6.3: The server checks that the account may read the resource.
    {
      ...standard,
      id: 'certificate-of-another-account',
      runs: 'issuance',
      section: '6.3',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'Another account cannot read a certificate.',
      async run(session) {
        const { certificateUrl } = await sharedIssuance(session);
        const answer = await session.read(await session.stranger(), certificateUrl);
        return expectRefusal(answer, `The CA answered another account with ${inWords(answer)}`);
      },
    },
    // RFC 9110 section 15.5.5: 404 is the status for a resource that does not exist.
    {
      ...standard,
      id: 'unknown-resources',
      runs: 'issuance',
      rfc: 9110,
      section: '15.5.5',
      level: 'SHOULD',
      basis: 'statement',
      asserts:
        'The CA answers unknown URLs of authorizations, challenges and certificates with 404 and a problem document.',
      async run(session) {
        const { issued, challengeUrl } = await issuedResources(session);
        const { order, certificateUrl } = issued;
        const known = [
          ['authorization', session.authorizationOf(order)],
          ['challenge', challengeUrl],
          ['certificate', certificateUrl],
        ] as const;
        const seen: string[] = [];
        for (const [name, url] of known) {
          const answer = await session.read(order.account, `${url}-padlock`);
          if (answer.status !== 404) seen.push(`${name} with ${inWords(answer)}`);
          else if (jsonObject(answer)?.type === undefined) seen.push(`${name} with 404 without a problem document`);
        }
        return expectThat(
          seen.length === 0,
          seen.length === 0
            ? `The CA answered 404 with a problem document for ${known.map(([name]) => name).join(', ')}.`
            : `The CA answered ${seen.join('; ')}.`,
        );
      },
    },
  ],
  deviations: [
    {
      name: 'order-readable-by-anyone',
      describes: 'An order is readable by another account.',
      rfc: 8555,
      section: '6.3',
      breaks: ['order-of-another-account'],
      apply: readableByAnyone('order'),
    },
    {
      name: 'authorization-readable-by-anyone',
      describes: 'An authorization is readable by another account.',
      rfc: 8555,
      section: '6.3',
      breaks: ['authorization-of-another-account'],
      apply: async (request, forward, conversation) => {
        const kid = readSigned(request)?.header.kid;
        const owner = conversation.ownerOf(request.url);
        const isForeign = kid !== undefined && kid !== owner && conversation.isFor(request, 'authorization');
        if (!isForeign) return forward(request);
        // Its owner may not have read it yet.
        const known = await conversation.lastGoodAgain(request.url);
        return known ?? conversation.answer(200, { status: 'pending', challenges: [] });
      },
    },
    {
      name: 'unknown-order-answered-500',
      describes: 'An unknown URL is answered 500 instead of 404.',
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
      name: 'certificate-readable-by-anyone',
      describes: 'A certificate is readable by another account.',
      rfc: 8555,
      section: '6.3',
      breaks: ['certificate-of-another-account'],
      apply: readableByAnyone('certificate'),
    },
    {
      name: 'unknown-certificate-answered-500',
      describes: 'An unknown certificate URL is answered 500 instead of 404.',
      rfc: 9110,
      section: '15.5.5',
      breaks: ['unknown-resources'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        const folder = request.url.slice(0, request.url.lastIndexOf('/'));
        if (conversation.isFor(request, 'certificate')) conversation.memory.set(folder, true);
        const isUnknown = answer.status === 404 && conversation.memory.has(folder);
        return isUnknown ? asProblem(answer, 500, 'serverInternal') : answer;
      },
    },
  ],
});
