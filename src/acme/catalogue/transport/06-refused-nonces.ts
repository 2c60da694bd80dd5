import { errorType, header, inWords } from '../../client/answer.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { inventedNonce } from '../../client/signing-key.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { asProblem, withoutHeader } from '../../deviations/answer-change.ts';
import { changeErrors } from '../../deviations/change-answers.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { type CheckFinding, expectThat, failed, readOnly, skipped, warned } from '../check.ts';
import { group } from '../group.ts';
import { acceptedLookUp, lookUp } from './look-up.ts';

function isBadNonce(answer: HttpAnswer): CheckFinding {
  const right = answer.status === 400 && errorType(answer) === 'badNonce';
  return expectThat(right, `The CA answered ${inWords(answer)}${right ? '' : ' instead of 400 badNonce'}.`, answer);
}

async function replayedNonce(session: AcmeSession): Promise<HttpAnswer> {
  // The CA must accept the first use, or the second proves nothing: some CAs refuse good nonces on purpose.
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const nonce = await session.nonce();
    const first = await lookUp(session, { nonce });
    if (acceptedLookUp(first)) return lookUp(session, { nonce });
    if (errorType(first) !== 'badNonce')
      throw new UnmetNeed(`the CA refuses a look-up without a fault: ${inWords(first)}`);
  }
  throw new UnmetNeed('the CA accepted none of ten nonces at first use, so the refusal of a second use proves nothing');
}

export const refusedNonces = group(6, 'Refused nonces', {
  runs: 'protocol',
  checks: [
    // RFC 8555 section 6.5: The server accepts each nonce at most once and refuses its reuse with badNonce.
    {
      ...readOnly,
      id: 'replayed-nonce',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a used nonce with 400 badNonce.',
      run: async (session) => isBadNonce(await replayedNonce(session)),
    },
    // RFC 8555 section 6.5: The server accepts only nonces that it has issued.
    {
      ...readOnly,
      id: 'invented-nonce',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a nonce that it never issued with 400 badNonce.',
      run: async (session) => isBadNonce(await lookUp(session, { nonce: inventedNonce() })),
    },
    // RFC 8555 section 6.5: Every JWS carries a nonce. The server refuses one without a nonce as it refuses a wrong
    // one.
    {
      ...readOnly,
      id: 'absent-nonce',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a request without a nonce with 400 badNonce.',
      run: async (session) => isBadNonce(await lookUp(session, { nonce: null })),
    },
    // RFC 8555 section 6.5.2: A value that is not base64url is malformed. By section 6.5 it is also a nonce that the server
    // never issued, which is badNonce. Both apply.
    {
      ...readOnly,
      id: 'ill-encoded-nonce',
      section: '6.5.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a nonce that is not base64url, as malformed (section 6.5.2) or badNonce (section 6.5).',
      async run(session) {
        const answer = await lookUp(session, { nonce: 'not/base64url!' });
        const type = errorType(answer);
        const right = answer.status === 400 && (type === 'malformed' || type === 'badNonce');
        return expectThat(right, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 6.5: The error badNonce brings a nonce that the server accepts in a retry.
    {
      ...readOnly,
      id: 'bad-nonce-brings-a-good-one',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA accepts the nonce that came with badNonce.',
      async run(session) {
        const refused = await lookUp(session, { nonce: inventedNonce() });
        if (errorType(refused) !== 'badNonce') return skipped(`the CA did not answer badNonce: ${inWords(refused)}`);
        let nonce = header(refused, 'replay-nonce');
        if (nonce === undefined) return failed('The badNonce answer has no Replay-Nonce.');
        // Some CAs refuse good nonces at random to exercise clients.
        for (let attempt = 1; attempt <= 10 && nonce !== undefined; attempt += 1) {
          const again = await lookUp(session, { nonce });
          if (errorType(again) !== 'badNonce') {
            const seen = `The CA answered attempt ${attempt + 1} with ${inWords(again)}.`;
            return attempt > 1 && acceptedLookUp(again) ? warned(seen) : expectThat(acceptedLookUp(again), seen);
          }
          nonce = header(again, 'replay-nonce');
        }
        return failed('The CA accepted none of ten nonces that came with badNonce.');
      },
    },
  ],
  deviations: [
    {
      name: 'replayed-nonce-accepted',
      describes: 'newAccount accepts a used nonce.',
      rfc: 8555,
      section: '6.5',
      breaks: ['replayed-nonce'],
      apply: acceptAnyway(
        ({ header: { nonce } }, request, conversation, refusal) =>
          errorType(refusal) === 'badNonce' &&
          conversation.isFor(request, 'newAccount') &&
          conversation.hasIssued(nonce),
      ),
    },
    {
      name: 'invented-nonce-accepted',
      describes: 'A nonce that was never issued is accepted.',
      rfc: 8555,
      section: '6.5',
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
      rfc: 8555,
      section: '6.5',
      breaks: ['absent-nonce'],
      apply: acceptAnyway(
        ({ header: { nonce } }, _request, _conversation, refusal) =>
          errorType(refusal) === 'badNonce' && nonce === undefined,
      ),
    },
    {
      name: 'ill-encoded-nonce-is-unauthorized',
      describes: 'A nonce that is not base64url is refused as unauthorized.',
      rfc: 8555,
      section: '6.5.2',
      breaks: ['ill-encoded-nonce'],
      async apply(request, forward) {
        const answer = await forward(request);
        const nonce = readSigned(request)?.header.nonce;
        const isIllEncoded = typeof nonce === 'string' && !/^[\w-]+$/.test(nonce);
        return isIllEncoded && answer.status >= 400 ? asProblem(answer, 403, 'unauthorized') : answer;
      },
    },
    {
      name: 'bad-nonce-without-nonce',
      describes: 'A badNonce error has no Replay-Nonce.',
      rfc: 8555,
      section: '6.5',
      breaks: ['bad-nonce-brings-a-good-one'],
      apply: changeErrors('badNonce', (answer) => withoutHeader(answer, 'replay-nonce')),
    },
  ],
});
