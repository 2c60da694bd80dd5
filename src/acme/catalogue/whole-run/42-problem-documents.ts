import { errorType, header, jsonObject } from '../../client/answer.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { asProblem, withHeader, withJson } from '../../deviations/answer-change.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { expectThat, readOnly, skipped } from '../check.ts';
import { group } from '../group.ts';

const registeredErrors = new Set([
  ...['accountDoesNotExist', 'alreadyRevoked', 'badCSR', 'badNonce', 'badPublicKey', 'badRevocationReason'],
  ...['badSignatureAlgorithm', 'caa', 'compound', 'connection', 'dns', 'externalAccountRequired', 'incorrectResponse'],
  ...['invalidContact', 'malformed', 'orderNotReady', 'rateLimited', 'rejectedIdentifier', 'serverInternal', 'tls'],
  ...['unauthorized', 'unsupportedContact', 'unsupportedIdentifier', 'userActionRequired'],
  // RFC 8739, RFC 9115, RFC 9773, RFC 9799; and invalidProfile of draft-ietf-acme-profiles, which CAs use already.
  ...[
    'autoRenewalCanceled',
    'autoRenewalExpired',
    'autoRenewalCancellationInvalid',
    'autoRenewalRevocationNotSupported',
  ],
  ...['unknownDelegation', 'alreadyReplaced', 'onionCAARequired', 'invalidProfile'],
]);

/** Changes the errors of refused key changes, whose type no other check looks at. */
function changeRefusedKeyChange(change: (answer: HttpAnswer) => HttpAnswer): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const answer = await forward(request);
    const isRefused =
      request.method === 'POST' &&
      conversation.isFor(request, 'keyChange') &&
      answer.status >= 400 &&
      answer.status < 500 &&
      errorType(answer) !== 'badNonce';
    return isRefused ? change(answer) : answer;
  };
}

export const problemDocuments = group(42, 'Problem documents', {
  runs: 'last',
  checks: [
    // RFC 8555 section 6.7: Errors come as problem documents.
    {
      ...readOnly,
      id: 'errors-are-problem-documents',
      section: '6.7',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'Every error answer is a problem document, application/problem+json.',
      async run(session) {
        const errors = session.exchanges.filter(
          ({ status, method }) => status !== null && status >= 400 && method !== 'HEAD',
        );
        if (errors.length === 0) return skipped('the CA answered no error');
        const wrong = errors.filter(({ headers, body }) => {
          const answer: HttpAnswer = { status: 400, headers, body };
          const type = header(answer, 'content-type')?.split(';')[0]?.trim().toLowerCase();
          // The record has only the beginning of a body, so JSON that is cut off does not count against the CA.
          return type !== 'application/problem+json' || (jsonObject(answer) === null && body.length < 4096);
        });
        const first = wrong[0];
        return expectThat(
          wrong.length === 0,
          `${errors.length - wrong.length} of ${errors.length} error answers are problem documents${first ? `; the first that is not: ${first.status} to ${first.method} ${first.url}` : ''}.`,
        );
      },
    },
    // RFC 8555 section 6.7: Types in ACME's namespace are those of the IANA registry.
    {
      ...readOnly,
      id: 'error-types-are-registered',
      section: '6.7',
      level: 'MUST',
      basis: 'keyword',
      asserts: "Every error type in ACME's namespace is registered.",
      async run(session) {
        const types = new Set(
          session.exchanges.flatMap(({ status, headers, body }) => {
            const type = status === null ? null : errorType({ status, headers, body });
            return type === null ? [] : [type];
          }),
        );
        if (types.size === 0) return skipped('the CA answered no ACME error');
        const unknown = [...types].filter((type) => !registeredErrors.has(type));
        return expectThat(
          unknown.length === 0,
          unknown.length === 0
            ? `All ${types.size} error types are registered: ${[...types].join(', ')}.`
            : `These error types are not registered: ${unknown.join(', ')}.`,
        );
      },
    },
    // RFC 8555 section 6.7.1: The field identifier belongs to subproblems.
    {
      ...readOnly,
      id: 'identifier-only-in-subproblems',
      section: '6.7.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'No problem document has "identifier" at its top level.',
      async run(session) {
        const errors = session.exchanges.filter(({ status }) => status !== null && status >= 400);
        if (errors.length === 0) return skipped('the CA answered no error');
        const wrong = errors.filter(
          ({ headers, body }) => jsonObject({ status: 400, headers, body })?.identifier !== undefined,
        );
        const [first] = wrong;
        return expectThat(
          wrong.length === 0,
          `${wrong.length} of ${errors.length} error answers have it${first ? `; the first: ${first.method} ${first.url}` : ''}.`,
        );
      },
    },
  ],
  deviations: [
    {
      name: 'html-error',
      describes: 'A refused key change is answered with an HTML page.',
      rfc: 8555,
      section: '6.7',
      breaks: ['errors-are-problem-documents'],
      apply: changeRefusedKeyChange((answer) => ({
        ...withHeader(answer, 'content-type', 'text/html'),
        body: '<!doctype html><title>Error</title><p>Something went wrong.',
      })),
    },
    {
      name: 'unregistered-error-type',
      describes: "A refused key change has an unregistered error type in ACME's namespace.",
      rfc: 8555,
      section: '6.7',
      breaks: ['error-types-are-registered'],
      apply: changeRefusedKeyChange((answer) => asProblem(answer, answer.status, 'badKeyChange')),
    },
    {
      name: 'identifier-outside-subproblems',
      describes: 'The problem document of a refused key change has an identifier at its top level.',
      rfc: 8555,
      section: '6.7.1',
      breaks: ['identifier-only-in-subproblems'],
      apply: changeRefusedKeyChange((answer) =>
        withJson(answer, (problem) => ({ ...problem, identifier: { type: 'dns', value: 'example.org' } })),
      ),
    },
  ],
});
