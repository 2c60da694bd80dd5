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
  return expectThat(right, `The CA answered ${inWords(answer)}${right ? '' : ' instead of 400 badNonce'}.`);
}

async function replayedNonce(session: AcmeSession): Promise<HttpAnswer> {
  // The first use must be accepted, else the second proves nothing: the CA may refuse good nonces on purpose.
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const nonce = await session.nonce();
    const first = await lookUp(session, { nonce });
    if (acceptedLookUp(first)) return lookUp(session, { nonce });
    if (errorType(first) !== 'badNonce') throw new UnmetNeed(`a look-up without a fault is refused: ${inWords(first)}`);
  }
  throw new UnmetNeed('the CA took none of ten nonces at their first use, so that a second one proves nothing');
}

export const refusedNonces = group(6, 'Refused nonces', {
  runs: 'protocol',
  checks: [
    {
      ...readOnly,
      id: 'replayed-nonce',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'A nonce that was used is refused with 400 badNonce.',
      run: async (session) => isBadNonce(await replayedNonce(session)),
    },
    {
      ...readOnly,
      id: 'invented-nonce',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'A nonce that the CA never issued is refused with 400 badNonce.',
      run: async (session) => isBadNonce(await lookUp(session, { nonce: inventedNonce() })),
    },
    {
      ...readOnly,
      id: 'absent-nonce',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'A request without a nonce is refused with 400 badNonce.',
      run: async (session) => isBadNonce(await lookUp(session, { nonce: null })),
    },
    {
      ...readOnly,
      id: 'ill-encoded-nonce',
      section: '6.5.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'A nonce that is not base64url is refused as malformed.',
      async run(session) {
        const answer = await lookUp(session, { nonce: 'not/base64url!' });
        return expectThat(errorType(answer) === 'malformed', `The CA answered ${inWords(answer)}.`);
      },
    },
    {
      ...readOnly,
      id: 'bad-nonce-brings-a-good-one',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The nonce that comes with badNonce is accepted when the request is sent again.',
      async run(session) {
        const refused = await lookUp(session, { nonce: inventedNonce() });
        if (errorType(refused) !== 'badNonce') return skipped(`no badNonce to answer to: ${inWords(refused)}`);
        let nonce = header(refused, 'replay-nonce');
        if (nonce === undefined) return failed('The badNonce answer has no Replay-Nonce.');
        // Some CAs refuse good nonces by chance, to exercise clients.
        for (let attempt = 1; attempt <= 10 && nonce !== undefined; attempt += 1) {
          const again = await lookUp(session, { nonce });
          if (errorType(again) !== 'badNonce') {
            const seen = `Try ${attempt + 1} was answered ${inWords(again)}.`;
            return attempt > 1 && acceptedLookUp(again) ? warned(seen) : expectThat(acceptedLookUp(again), seen);
          }
          nonce = header(again, 'replay-nonce');
        }
        return failed('No nonce that came with badNonce was accepted.');
      },
    },
  ],
  deviations: [
    {
      name: 'replayed-nonce-accepted',
      describes: 'newAccount accepts a nonce that was used.',
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
      name: 'ill-encoded-nonce-is-bad-nonce',
      describes: 'A nonce that is not base64url is refused with badNonce instead of malformed.',
      rfc: 8555,
      section: '6.5.2',
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
      rfc: 8555,
      section: '6.5',
      breaks: ['bad-nonce-brings-a-good-one'],
      apply: changeErrors('badNonce', (answer) => withoutHeader(answer, 'replay-nonce')),
    },
  ],
});
