import { errorType, inWords, jsonObject } from '../../client/answer.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { asProblem, withFields } from '../../deviations/answer-change.ts';
import { changeErrors } from '../../deviations/change-answers.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { type CheckFinding, expectThat, readOnly, skipped } from '../check.ts';
import { group } from '../group.ts';
import { headerFault, lookUp } from './look-up.ts';

function isBadAlgorithm(answer: HttpAnswer): CheckFinding {
  const right = answer.status === 400 && errorType(answer) === 'badSignatureAlgorithm';
  const wanted = ' instead of 400 badSignatureAlgorithm';
  return expectThat(right, `The CA answered ${inWords(answer)}${right ? '' : wanted}.`, answer);
}

const knownAlgorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256'];

export const forbiddenAndUnknownAlgorithms = group(7, 'Forbidden and unknown algorithms', {
  runs: 'protocol',
  checks: [
    // RFC 8555 section 6.2: An unsigned JWS proves nothing, so alg "none" is forbidden.
    {
      ...readOnly,
      id: 'alg-none',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a JWS with alg none with 400 badSignatureAlgorithm.',
      run: async (session) =>
        isBadAlgorithm(
          await lookUp(
            session,
            headerFault((one) => ({ ...one, alg: 'none' })),
          ),
        ),
    },
    // RFC 8555 section 6.2: A MAC proves no possession of a private key, so MAC algorithms are forbidden.
    {
      ...readOnly,
      id: 'alg-hmac',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a JWS with a MAC (HS256, keyed with the public key) with 400 badSignatureAlgorithm.',
      run: async (session) =>
        isBadAlgorithm(
          await lookUp(
            session,
            headerFault((one) => ({ ...one, alg: 'HS256' })),
          ),
        ),
    },
    // RFC 8555 section 6.2: An unsupported algorithm has an error type of its own.
    {
      ...readOnly,
      id: 'alg-unknown',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a JWS with an unknown algorithm with 400 badSignatureAlgorithm.',
      run: async (session) =>
        isBadAlgorithm(
          await lookUp(
            session,
            headerFault((one) => ({ ...one, alg: 'X-UNKNOWN' })),
          ),
        ),
    },
    // RFC 8555 section 6.2: The error tells the client which algorithms it can use. ES256 is always one of them.
    {
      ...readOnly,
      id: 'algorithms-are-listed',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts:
        'The problem document of badSignatureAlgorithm lists the supported algorithms in "algorithms", ES256 among them.',
      async run(session) {
        const answer = await lookUp(
          session,
          headerFault((one) => ({ ...one, alg: 'X-UNKNOWN' })),
        );
        if (errorType(answer) !== 'badSignatureAlgorithm')
          return skipped(`the CA did not answer badSignatureAlgorithm: ${inWords(answer)}`);
        const algorithms = jsonObject(answer)?.algorithms;
        const right = Array.isArray(algorithms) && algorithms.includes('ES256');
        return expectThat(right, `"algorithms" is ${JSON.stringify(algorithms ?? null)}.`);
      },
    },
  ],
  deviations: [
    {
      name: 'alg-none-accepted',
      describes: 'A JWS with alg none is accepted.',
      rfc: 8555,
      section: '6.2',
      breaks: ['alg-none'],
      apply: acceptAnyway(({ header: { alg } }) => alg === 'none'),
    },
    {
      name: 'alg-hmac-accepted',
      describes: 'A JWS with a MAC, keyed with the public key, is accepted.',
      rfc: 8555,
      section: '6.2',
      breaks: ['alg-hmac'],
      apply: acceptAnyway(({ header: { alg } }) => alg === 'HS256'),
    },
    {
      name: 'alg-unknown-is-malformed',
      describes: 'A JWS with an unknown algorithm is refused with malformed instead of badSignatureAlgorithm.',
      rfc: 8555,
      section: '6.2',
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
      rfc: 8555,
      section: '6.2',
      breaks: ['algorithms-are-listed'],
      apply: changeErrors('badSignatureAlgorithm', (answer) => withFields(answer, { algorithms: undefined })),
    },
  ],
});
