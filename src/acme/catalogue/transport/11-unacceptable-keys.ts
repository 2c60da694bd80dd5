import { errorType, inWords } from '../../client/answer.ts';
import { asProblem } from '../../deviations/answer-change.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, readOnly, skipped, warned } from '../check.ts';
import { group } from '../group.ts';
import { acceptedLookUp, lookUp } from './look-up.ts';

export const unacceptableKeys = group(11, 'Unacceptable keys', {
  runs: 'protocol',
  checks: [
    // RFC 8555 section 6.2: A key that the server does not accept has an error type of its own.
    {
      ...readOnly,
      id: 'unacceptable-key',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses an unacceptable key (RSA with 1024 bits) with 400 badPublicKey.',
      async run(session) {
        const answer = await lookUp(session, undefined, await session.key('RSA 1024', 'RS256', 1024));
        if (acceptedLookUp(answer)) return warned('The CA accepted a look-up signed with an RSA key of 1024 bits.');
        if (errorType(answer) === 'badSignatureAlgorithm') return skipped('the CA does not support RS256');
        const right = answer.status === 400 && errorType(answer) === 'badPublicKey';
        return expectThat(right, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
  ],
  deviations: [
    {
      name: 'short-rsa-key-is-malformed',
      describes: 'An RSA key of fewer than 2048 bits is refused with malformed instead of badPublicKey.',
      rfc: 8555,
      section: '6.2',
      breaks: ['unacceptable-key'],
      async apply(request, forward) {
        const answer = await forward(request);
        const { n } = (readSigned(request)?.header.jwk ?? {}) as { n?: unknown };
        const isShort = typeof n === 'string' && Buffer.from(n, 'base64url').length < 256;
        return isShort ? asProblem(answer, 400, 'malformed') : answer;
      },
    },
  ],
});
