import { errorType, inWords } from '../../client/answer.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { expectThat, failed, readOnly } from '../check.ts';
import { group } from '../group.ts';
import { acceptedLookUp, headerFault, lookUp, needsLookUps, refusal } from './look-up.ts';

function isSameWithoutCase(url: unknown, other: string): boolean {
  return typeof url === 'string' && url.toLowerCase() === other.toLowerCase();
}

export const urlOfJws = group(10, 'The url of a JWS', {
  runs: 'protocol',
  checks: [
    // RFC 8555 section 6.4: The server compares the signed url with the URL of the request, and refuses a difference as
    // unauthorized.
    {
      ...readOnly,
      id: 'foreign-url',
      section: '6.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a JWS with the url of another resource as unauthorized.',
      async run(session) {
        await needsLookUps(session);
        const url = await session.resource('newOrder');
        const answer = await lookUp(
          session,
          headerFault((one) => ({ ...one, url })),
        );
        if (acceptedLookUp(answer)) return failed(`The CA accepted the faulty request: ${inWords(answer)}.`);
        return expectThat(errorType(answer) === 'unauthorized', `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 6.4: The server compares the url as a string with the one that it gave out.
    {
      ...readOnly,
      id: 'url-in-capitals',
      section: '6.4',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'The CA compares the url as a string: it refuses one whose scheme is in capitals.',
      async run(session) {
        await needsLookUps(session);
        const url = await session.resource('newAccount');
        const answer = await lookUp(
          session,
          headerFault((one) => ({ ...one, url: url.replace(/^https?:/, (scheme) => scheme.toUpperCase()) })),
        );
        return refusal(answer, acceptedLookUp(answer));
      },
    },
    // RFC 8555 section 6.4.1: The url must be in the protected header.
    {
      ...readOnly,
      id: 'absent-url',
      section: '6.4.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a JWS without a url in its protected header.',
      async run(session) {
        await needsLookUps(session);
        const answer = await lookUp(
          session,
          headerFault(({ url: _, ...one }) => one),
        );
        return refusal(answer, acceptedLookUp(answer));
      },
    },
  ],
  deviations: [
    {
      name: 'foreign-url-accepted',
      describes: 'A JWS with the url of another resource is accepted.',
      rfc: 8555,
      section: '6.4',
      breaks: ['foreign-url'],
      apply: acceptAnyway(({ header: { url } }, request) => url !== undefined && !isSameWithoutCase(url, request.url)),
    },
    {
      name: 'url-without-regard-to-case',
      describes: 'The url of a JWS is compared without regard to case.',
      rfc: 8555,
      section: '6.4',
      breaks: ['url-in-capitals'],
      apply: acceptAnyway(({ header: { url } }, request) => url !== request.url && isSameWithoutCase(url, request.url)),
    },
    {
      name: 'absent-url-accepted',
      describes: 'A JWS without a url is accepted.',
      rfc: 8555,
      section: '6.4.1',
      breaks: ['absent-url'],
      apply: acceptAnyway(({ header: { url } }) => url === undefined),
    },
  ],
});
