import { errorType, inWords, succeeded } from '../../client/answer.ts';
import { asProblem, withFields } from '../../deviations/answer-change.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { type CaCheck, failed, passed, readOnly, warned } from '../check.ts';
import { type GroupCheck, group } from '../group.ts';
import { acceptedLookUp, lookUp } from './look-up.ts';

const featureOf = { EdDSA: 'eddsa-account-keys', RS256: 'rsa-account-keys' } as const;

function algorithmCheck(
  algorithm: 'ES256' | 'EdDSA' | 'RS256',
  level: CaCheck['level'],
  basis: CaCheck['basis'],
  asserts: string,
): GroupCheck {
  return {
    ...readOnly,
    id: `alg-${algorithm.toLowerCase()}`,
    ...(algorithm === 'ES256' ? {} : { feature: featureOf[algorithm] }),
    section: '6.2',
    level,
    basis,
    asserts,
    async run(session) {
      const answer = await lookUp(session, undefined, await session.key(algorithm, algorithm));
      const seen = `The CA answered a look-up signed with ${algorithm} with ${inWords(answer)}.`;
      if (acceptedLookUp(answer)) return passed(seen);
      // The account does not exist, so the CA refuses the look-up in any case.
      return errorType(answer) === null ? warned(`${seen} It does not say why.`) : failed(seen);
    },
  };
}

/** Refuses correct requests that are signed with an algorithm. */
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

export const algorithmsOfAccountKeys = group(8, 'Algorithms of account keys', {
  runs: 'protocol',
  checks: [
    // RFC 8555 section 6.2: Every server implements ES256.
    algorithmCheck('ES256', 'MUST', 'keyword', 'The CA accepts a JWS signed with ES256.'),
    // RFC 8555 section 6.2: Servers should implement EdDSA with Ed25519.
    algorithmCheck('EdDSA', 'SHOULD', 'keyword', 'The CA accepts a JWS signed with EdDSA and Ed25519.'),
    // RFC 8555 section 6.2: Other algorithms are the choice of the server.
    algorithmCheck(
      'RS256',
      'MAY',
      'statement',
      'The CA accepts a JWS signed with RS256, which cert-manager uses for account keys.',
    ),
  ],
  deviations: [
    {
      name: 'es256-refused',
      describes: 'A JWS by ES256 is refused.',
      rfc: 8555,
      section: '6.2',
      // Look-ups are signed with ES256.
      breaks: ['bad-nonce-brings-a-good-one', 'alg-es256', 'look-up-of-unknown-key'],
      apply: refuseAlgorithm('ES256'),
    },
    {
      name: 'eddsa-refused',
      describes: 'A JWS by EdDSA is refused.',
      rfc: 8555,
      section: '6.2',
      breaks: ['alg-eddsa'],
      apply: refuseAlgorithm('EdDSA'),
    },
    {
      name: 'rs256-refused',
      describes: 'A JWS by RS256 is refused.',
      rfc: 8555,
      section: '6.2',
      breaks: ['alg-rs256', 'revocation-by-certificate-key'],
      apply: refuseAlgorithm('RS256'),
    },
  ],
});
