import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { base64url } from 'jose';
import { errorType, header, inWords, jsonObject, retryAfterSeconds, succeeded } from '../../client/answer.ts';
import { endEntityOf } from '../../client/certificate-subject.ts';
import { type Issued, issue, sharedIssuance } from '../../client/issuance.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { asProblem, withFields, withJson, withoutHeader } from '../../deviations/answer-change.ts';
import { changeAnswers, changeErrors } from '../../deviations/change-answers.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { expectRefusal, expectThat, failed, skipped, warned } from '../check.ts';
import { group } from '../group.ts';
import { accountRevocations } from '../issuance/account-revocations.ts';

const common = { rfc: 9773, profile: 'standard' } as const;

/** RFC 9773 section 4.1. @throws UnmetNeed if the certificate does not name the key of its issuer */
function certificateIdOf(issued: Issued): string {
  const leaf = endEntityOf(issued);
  const keyId = leaf.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
  if (keyId === undefined) throw new UnmetNeed('the certificate has no authorityKeyIdentifier');
  const hex = leaf.serialNumber.length % 2 === 0 ? leaf.serialNumber : `0${leaf.serialNumber}`;
  const serial = Buffer.from(hex, 'hex');
  // In DER, a positive number whose first bit is set has a leading zero octet.
  const der = ((serial[0] ?? 0) & 0x80) === 0 ? serial : Buffer.concat([Buffer.of(0), serial]);
  return `${base64url.encode(Buffer.from(keyId, 'hex'))}.${base64url.encode(der)}`;
}

/** @throws UnmetNeed if the CA does not offer renewal information */
async function renewalInformationUrl(session: AcmeSession): Promise<string> {
  const url = await session.resource('renewalInfo');
  return url.replace(/\/$/, '');
}

/** The CA's renewal information of the shared certificate, once per run. */
const informationOfShared = oncePerSession(async (session) => {
  const url = await renewalInformationUrl(session);
  return session.get(`${url}/${certificateIdOf(await sharedIssuance(session))}`);
});

interface Window {
  readonly start: number;
  readonly end: number;
  readonly inWords: string;
}

/** The suggestedWindow of an answer. A date that cannot be read is NaN. */
function windowOf(answer: HttpAnswer): Window {
  const { start, end } = (jsonObject(answer)?.suggestedWindow ?? {}) as { start?: unknown; end?: unknown };
  const [from, to] = [start, end].map((date) => (typeof date === 'string' ? Date.parse(date) : Number.NaN));
  return {
    start: from ?? Number.NaN,
    end: to ?? Number.NaN,
    inWords: `from ${JSON.stringify(start ?? null)} to ${JSON.stringify(end ?? null)}`,
  };
}

interface Replacement {
  readonly id: string;
  /** The answer to newOrder of an account that does not own the certificate. */
  readonly byStranger: HttpAnswer;
  /** The answer to the newOrder that replaced it. */
  readonly order: HttpAnswer;
  readonly validOrder: HttpAnswer;
  /** The answer to a second newOrder that replaces it. */
  readonly again: HttpAnswer;
}

/** Replaces the shared certificate, once per run. Other checks of that certificate are not affected. */
const replacement = oncePerSession(async (session) => {
  // A CA without renewal information does not make the run partial.
  await renewalInformationUrl(session);
  return session.shared(replace(session));
});

async function replace(session: AcmeSession): Promise<Replacement> {
  const replaced = await sharedIssuance(session);
  const id = certificateIdOf(replaced);
  const { names } = replaced;
  const payload = { identifiers: names.map((value) => ({ type: 'dns', value })), replaces: id };
  const byStranger = await session.newOrder(await session.stranger(), payload);
  const { order, validOrder } = await issue(session, { label: 'issued', names, orderFields: { replaces: id } });
  const again = await session.newOrder(order.account, payload);
  return { id, byStranger, order: order.answer, validOrder, again };
}

const hourMs = 3_600_000;

const decadeMs = 87_600 * hourMs;

interface SuggestedWindow {
  readonly start: string;
  readonly end: string;
}

/** Changes the suggestedWindow of renewal information. */
function changeWindow(change: (window: SuggestedWindow) => SuggestedWindow): Deviation['apply'] {
  return changeAnswers(['renewalInfo'], (answer) =>
    withJson(answer, (information) => ({
      ...information,
      suggestedWindow: change(information.suggestedWindow as SuggestedWindow),
    })),
  );
}

function later(date: string, ms: number): string {
  return new Date(Date.parse(date) + ms).toISOString();
}

function hasBegun({ start }: SuggestedWindow): boolean {
  return Date.parse(start) <= Date.now();
}

export const renewalInformation = group(44, 'Renewal information', {
  runs: 'revocation',
  feature: 'renewal-information',
  checks: [
    // RFC 9773 section 4.1: The resource answers plain GET with a suggestedWindow.
    {
      ...common,
      id: 'renewal-information',
      section: '4.1',
      level: 'MUST',
      basis: 'statement',
      asserts: 'Renewal information of a certificate answers a plain GET with its suggestedWindow.',
      async run(session) {
        const answer = await informationOfShared(session);
        const { start, end, inWords: seen } = windowOf(answer);
        const right = answer.status === 200 && !Number.isNaN(start) && !Number.isNaN(end);
        return expectThat(right, `The CA answered ${inWords(answer)}, and the window is ${seen}.`, answer);
      },
    },
    // RFC 9773 section 4.2: The window is a time span: its end is after its start.
    {
      ...common,
      id: 'renewal-window-ends-after-start',
      section: '4.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The suggestedWindow ends after it starts.',
      async run(session) {
        const { start, end, inWords: seen } = windowOf(await informationOfShared(session));
        if (Number.isNaN(start) || Number.isNaN(end)) return skipped(`the answer has no window: ${seen}`);
        return expectThat(end > start, `The window is ${seen}.`);
      },
    },
    // RFC 9773 section 4.2: A window outside of the validity is of no use to a client.
    {
      ...common,
      id: 'renewal-window-is-in-the-validity',
      section: '4.2',
      level: 'SHOULD',
      basis: 'statement',
      asserts: "A new certificate's suggestedWindow begins before the certificate ends, and is not over yet.",
      async run(session) {
        const { start, end, inWords: seen } = windowOf(await informationOfShared(session));
        if (Number.isNaN(start) || Number.isNaN(end)) return skipped(`the answer has no window: ${seen}`);
        const { notAfter } = endEntityOf(await sharedIssuance(session));
        const right = start < notAfter.getTime() && end > session.now();
        return expectThat(right, `The window is ${seen}, and the certificate ends ${notAfter.toISOString()}.`);
      },
    },
    // RFC 9773 section 4.3.1: Retry-After tells the client when to poll again.
    {
      ...common,
      id: 'renewal-information-has-retry-after',
      section: '4.3.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'Renewal information has a Retry-After.',
      async run(session) {
        const answer = await informationOfShared(session);
        if (!succeeded(answer)) return skipped(`the CA answered no renewal information: ${inWords(answer)}`);
        const value = header(answer, 'retry-after');
        return expectThat(retryAfterSeconds(answer) !== null, `Retry-After is ${value ?? 'absent'}.`);
      },
    },
    // RFC 9773 section 4.2: A window in the past asks for a renewal at once.
    {
      ...common,
      id: 'renewal-of-revoked-certificate',
      section: '4.2',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The suggestedWindow of a revoked certificate has already begun.',
      async run(session) {
        const url = await renewalInformationUrl(session);
        const { issued, byAccount } = await accountRevocations(session);
        if (!succeeded(byAccount)) return skipped(`the CA refused the revocation: ${inWords(byAccount)}`);
        const answer = await session.get(`${url}/${certificateIdOf(issued)}`);
        const { start, inWords: seen } = windowOf(answer);
        const right = succeeded(answer) && start <= session.now();
        return expectThat(right, `The CA answered ${inWords(answer)}, and the window is ${seen}.`, answer);
      },
    },
    // RFC 9773 section 4.1: The server has information about its own certificates only.
    {
      ...common,
      id: 'renewal-of-unknown-certificate',
      section: '4.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The CA refuses a request for renewal information of an unknown certificate with a client error.',
      async run(session) {
        const url = await renewalInformationUrl(session);
        const answer = await session.get(`${url}/${base64url.encode('padlock')}.${base64url.encode('unknown')}`);
        return expectRefusal(answer);
      },
    },
    // RFC 9773 section 5: The order reflects the field replaces.
    {
      ...common,
      id: 'order-shows-what-it-replaces',
      section: '5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'An order accepted with replaces shows it, also on a second read.',
      async run(session) {
        const { id, order, validOrder } = await replacement(session);
        const shown = [order, validOrder].map((answer) => jsonObject(answer)?.replaces);
        const right = shown.every((value) => value === id);
        return expectThat(right, `replaces is ${shown.map((value) => JSON.stringify(value ?? null)).join(', then ')}.`);
      },
    },
    // RFC 9773 section 5: The replaced certificate must belong to the account of the order.
    {
      ...common,
      id: 'replacement-of-foreign-certificate',
      section: '5',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: "The CA refuses an order that replaces another account's certificate.",
      async run(session) {
        const { byStranger } = await replacement(session);
        if (succeeded(byStranger)) return failed(`The CA accepted it: ${byStranger.status}.`);
        return expectRefusal(byStranger);
      },
    },
    // RFC 9773 section 5: A certificate can be replaced once. The error for a second order is alreadyReplaced.
    {
      ...common,
      id: 'already-replaced',
      section: '5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a second order that replaces a certificate with 409 alreadyReplaced.',
      async run(session) {
        const { again } = await replacement(session);
        if (succeeded(again)) return warned(`The CA accepted it, which it should not: ${again.status}.`);
        const right = again.status === 409 && errorType(again) === 'alreadyReplaced';
        return expectThat(right, `The CA answered ${inWords(again)}.`, again);
      },
    },
  ],
  deviations: [
    {
      name: 'renewal-information-without-window',
      describes: 'Renewal information has no suggestedWindow.',
      rfc: 9773,
      section: '4.2',
      breaks: ['renewal-information', 'renewal-of-revoked-certificate'],
      apply: changeAnswers(['renewalInfo'], (answer) => withFields(answer, { suggestedWindow: undefined })),
    },
    {
      name: 'renewal-window-ends-before-start',
      describes: 'The suggestedWindow ends before it starts.',
      rfc: 9773,
      section: '4.2',
      breaks: ['renewal-window-ends-after-start'],
      apply: changeWindow(({ start, end }) => ({ start: end, end: start })),
    },
    {
      name: 'renewal-window-after-expiry',
      describes: 'The suggestedWindow is ten years after the end of the certificate.',
      rfc: 9773,
      section: '4.2',
      breaks: ['renewal-window-is-in-the-validity'],
      apply: changeWindow((window) =>
        hasBegun(window) ? window : { start: later(window.start, decadeMs), end: later(window.end, decadeMs) },
      ),
    },
    {
      name: 'renewal-information-without-retry-after',
      describes: 'Renewal information has no Retry-After.',
      rfc: 9773,
      section: '4.3.1',
      breaks: ['renewal-information-has-retry-after'],
      apply: changeAnswers(['renewalInfo'], (answer) => withoutHeader(answer, 'retry-after')),
    },
    {
      name: 'revoked-certificate-renewed-later',
      describes: 'The suggestedWindow of a revoked certificate begins tomorrow.',
      rfc: 9773,
      section: '4.2',
      breaks: ['renewal-of-revoked-certificate'],
      apply: changeWindow((window) =>
        hasBegun(window) ? { start: later(window.start, 25 * hourMs), end: later(window.end, 26 * hourMs) } : window,
      ),
    },
    {
      name: 'unknown-renewal-information-answered-500',
      describes: 'A request for renewal information of an unknown certificate is answered 500.',
      rfc: 9773,
      section: '4.1',
      breaks: ['renewal-of-unknown-certificate'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        const isIt = conversation.isFor(request, 'renewalInfo') && !succeeded(answer);
        return isIt ? asProblem(answer, 500, 'serverInternal') : answer;
      },
    },
    {
      name: 'order-hides-what-it-replaces',
      describes: 'An order accepted with replaces does not show it.',
      rfc: 9773,
      section: '5',
      breaks: ['order-shows-what-it-replaces'],
      apply: changeAnswers(['newOrder', 'order', 'finalize'], (answer) =>
        withJson(answer, ({ replaces: _, ...order }) => order),
      ),
    },
    {
      name: 'foreign-certificate-replaced',
      describes: "An order that replaces another account's certificate is accepted.",
      rfc: 9773,
      section: '5',
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
      rfc: 9773,
      section: '5',
      breaks: ['already-replaced'],
      apply: changeErrors('alreadyReplaced', (answer) => asProblem(answer, 400, 'malformed')),
    },
  ],
});
