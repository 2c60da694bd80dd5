import { errorType, succeeded } from '../client/answer.ts';
import { acceptAnyway } from './accept-anyway.ts';
import { asProblem, withFields, withJson, withoutHeader, withoutLinks } from './answer-change.ts';
import { changeAnswers, changeErrors } from './change-answers.ts';
import type { Deviation } from './deviation.ts';
import { readSigned } from './signed-request.ts';

/** Groups 41 and 44: revocation and renewal information. */

const rfc = 8555;
const hourMs = 3_600_000;
const decadeMs = 87_600 * hourMs;

interface Window {
  readonly start: string;
  readonly end: string;
}

/** Changes the suggestedWindow of renewal information. */
function changeWindow(change: (window: Window) => Window): Deviation['apply'] {
  return changeAnswers(['renewalInfo'], (answer) =>
    withJson(answer, (information) => ({
      ...information,
      suggestedWindow: change(information.suggestedWindow as Window),
    })),
  );
}

function later(date: string, ms: number): string {
  return new Date(Date.parse(date) + ms).toISOString();
}

function hasBegun({ start }: Window): boolean {
  return Date.parse(start) <= Date.now();
}

export const revocationDeviations: readonly Deviation[] = [
  {
    name: 'revocation-by-anyone',
    describes: 'A certificate is revoked by any account.',
    ...{ rfc, section: '7.6' },
    breaks: ['revocation-by-stranger'],
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const isForeign = conversation.isFor(request, 'revokeCert') && errorType(answer) === 'unauthorized';
      return isForeign ? conversation.answer(200, {}) : answer;
    },
  },
  {
    name: 'bad-revocation-reason-is-malformed',
    describes: 'A reason that there is not is refused as malformed.',
    ...{ rfc, section: '7.6' },
    breaks: ['bad-revocation-reason'],
    apply: changeErrors('badRevocationReason', (answer) => asProblem(answer, 400, 'malformed')),
  },
  {
    name: 'revocation-answered-202',
    describes: 'A revocation by an account is answered 202.',
    ...{ rfc, section: '7.6' },
    breaks: ['revocation-by-account', 'revocation-by-holder-of-authorizations'],
    apply: changeAnswers(['revokeCert'], (answer, request) =>
      readSigned(request)?.header.kid === undefined ? answer : { ...answer, status: 202 },
    ),
  },
  {
    name: 'already-revoked-is-unauthorized',
    describes: 'The revocation of a certificate that was revoked already is refused as unauthorized.',
    ...{ rfc, section: '7.6' },
    breaks: ['already-revoked'],
    apply: changeErrors('alreadyRevoked', (answer) => asProblem(answer, 403, 'unauthorized')),
  },
  {
    name: 'revocation-by-certificate-key-refused',
    describes: 'A revocation that is signed by the key of the certificate is refused.',
    ...{ rfc, section: '7.6' },
    breaks: ['revocation-by-certificate-key'],
    async apply(request, forward, conversation) {
      const isByKey = conversation.isFor(request, 'revokeCert') && readSigned(request)?.header.jwk !== undefined;
      return isByKey ? conversation.problem(403, 'unauthorized', 'accounts only') : forward(request);
    },
  },
  {
    name: 'revocation-by-orderer-only',
    describes: 'Only the account that ordered a certificate may revoke it.',
    ...{ rfc, section: '7.6' },
    breaks: ['revocation-by-holder-of-authorizations'],
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      if (!succeeded(answer)) return answer;
      const { header: { kid } = {}, fields = {} } = readSigned(request) ?? {};
      const [leaf] = answer.body.split(/-----(?:BEGIN|END) CERTIFICATE-----/).slice(1, 2);
      if (conversation.isFor(request, 'certificate') && leaf !== undefined) {
        conversation.memory.set(Buffer.from(leaf, 'base64').toString('base64url'), kid);
      }
      const owner = conversation.memory.get(String(fields.certificate));
      const isForeign = conversation.isFor(request, 'revokeCert') && kid !== undefined && kid !== owner;
      return isForeign ? asProblem(answer, 403, 'unauthorized') : answer;
    },
  },
  {
    name: 'no-nonce-on-revocation',
    describes: 'The answer to a revocation has no Replay-Nonce.',
    ...{ rfc, section: '6.5' },
    breaks: ['nonce-on-revocation'],
    apply: changeAnswers(['revokeCert'], (answer) => withoutHeader(answer, 'replay-nonce')),
  },
  {
    name: 'no-index-link-on-revocation',
    describes: 'The answer to a revocation has no Link "index".',
    ...{ rfc, section: '7.1' },
    breaks: ['index-link-of-revocation'],
    apply: changeAnswers(['revokeCert'], (answer) => withoutLinks(answer, 'index')),
  },
  {
    name: 'renewal-information-without-window',
    describes: 'Renewal information has no suggestedWindow.',
    ...{ rfc: 9773, section: '4.2' },
    breaks: ['renewal-information', 'renewal-of-revoked-certificate'],
    apply: changeAnswers(['renewalInfo'], (answer) => withFields(answer, { suggestedWindow: undefined })),
  },
  {
    name: 'renewal-window-ends-before-start',
    describes: 'The suggestedWindow ends before it starts.',
    ...{ rfc: 9773, section: '4.2' },
    breaks: ['renewal-window-ends-after-start'],
    apply: changeWindow(({ start, end }) => ({ start: end, end: start })),
  },
  {
    name: 'renewal-window-after-expiry',
    describes: 'The suggestedWindow is ten years after the certificate ended.',
    ...{ rfc: 9773, section: '4.2' },
    breaks: ['renewal-window-is-in-the-validity'],
    apply: changeWindow((window) =>
      hasBegun(window) ? window : { start: later(window.start, decadeMs), end: later(window.end, decadeMs) },
    ),
  },
  {
    name: 'renewal-information-without-retry-after',
    describes: 'Renewal information has no Retry-After.',
    ...{ rfc: 9773, section: '4.3.1' },
    breaks: ['renewal-information-has-retry-after'],
    apply: changeAnswers(['renewalInfo'], (answer) => withoutHeader(answer, 'retry-after')),
  },
  {
    name: 'revoked-certificate-renewed-later',
    describes: 'The suggestedWindow of a revoked certificate begins tomorrow.',
    ...{ rfc: 9773, section: '4.2' },
    breaks: ['renewal-of-revoked-certificate'],
    apply: changeWindow((window) =>
      hasBegun(window) ? { start: later(window.start, 25 * hourMs), end: later(window.end, 26 * hourMs) } : window,
    ),
  },
  {
    name: 'unknown-renewal-information-answered-500',
    describes: 'Renewal information of a certificate that the CA did not issue is answered 500.',
    ...{ rfc: 9773, section: '4.1' },
    breaks: ['renewal-of-unknown-certificate'],
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const isIt = conversation.isFor(request, 'renewalInfo') && !succeeded(answer);
      return isIt ? asProblem(answer, 500, 'serverInternal') : answer;
    },
  },
  {
    name: 'order-hides-what-it-replaces',
    describes: 'An order that was taken with replaces does not show it.',
    ...{ rfc: 9773, section: '5' },
    breaks: ['order-shows-what-it-replaces'],
    apply: changeAnswers(['newOrder', 'order', 'finalize'], (answer) =>
      withJson(answer, ({ replaces: _, ...order }) => order),
    ),
  },
  {
    name: 'foreign-certificate-replaced',
    describes: 'An order that replaces the certificate of another account is taken.',
    ...{ rfc: 9773, section: '5' },
    breaks: ['replacement-of-foreign-certificate'],
    apply: acceptAnyway(
      ({ fields }, request, conversation, refusal) =>
        errorType(refusal) === 'unauthorized' &&
        conversation.isFor(request, 'newOrder') &&
        fields.replaces !== undefined,
    ),
  },
  {
    name: 'already-replaced-is-malformed',
    describes: 'A second order that replaces a certificate is refused as malformed.',
    ...{ rfc: 9773, section: '5' },
    breaks: ['already-replaced'],
    apply: changeErrors('alreadyReplaced', (answer) => asProblem(answer, 400, 'malformed')),
  },
];
