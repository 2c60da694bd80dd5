import { retryAfterSeconds } from '../../client/answer.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, readOnly, skipped } from '../check.ts';
import { group } from '../group.ts';

export const rateLimits = group(43, 'Rate limits', {
  runs: 'last',
  missing: 'no check provokes a rate limit: a check judges only those that a run meets',
  checks: [
    // RFC 8555 section 6.6: The error rateLimited comes with a Retry-After.
    {
      ...readOnly,
      id: 'retry-after-is-understandable',
      section: '6.6',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'If the CA answers rateLimited, Retry-After says when to come back.',
      async run(session) {
        const limited = session.exchanges.filter(({ body }) => body.includes('urn:ietf:params:acme:error:rateLimited'));
        if (limited.length === 0) return skipped('the run met no rate limit');
        const without = limited.filter(({ headers }) => retryAfterSeconds({ status: 429, headers, body: '' }) === null);
        return expectThat(
          without.length === 0,
          `${limited.length - without.length} of ${limited.length} rateLimited answers have a Retry-After.`,
        );
      },
    },
  ],
  deviations: [
    {
      name: 'rate-limited-without-retry-after',
      describes: 'An order with a wildcard is refused as rateLimited without Retry-After.',
      rfc: 8555,
      section: '6.6',
      breaks: ['retry-after-is-understandable'],
      async apply(request, forward, conversation) {
        const { identifiers } = readSigned(request)?.fields ?? {};
        const isWildcard =
          conversation.isFor(request, 'newOrder') && JSON.stringify(identifiers ?? null).includes('"*.');
        return isWildcard ? conversation.problem(403, 'rateLimited', 'too many wildcards') : forward(request);
      },
    },
  ],
});
