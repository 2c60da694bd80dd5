import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509';
import { base64url } from 'jose';
import { errorType, header, inWords, jsonObject, succeeded } from '../client/answer.ts';
import { type AcmeSession, type Order, UnmetNeed } from '../client/session.ts';
import type { HttpAnswer } from '../client/transport.ts';
import { type CaCheck, expectThat, failed, skipped, warned } from './check.ts';

/** Groups 20 to 42 of the catalogue, as far as they need no issuance: orders, authorizations, finalize, problem documents. */

const standard = { rfc: 8555, profile: 'standard' } as const;

/** The identifiers of an order in an order of their own: that of the answer says nothing (RFC 8555 section 7.4). */
function identifierSet(identifiers: unknown): string {
  if (!Array.isArray(identifiers)) return String(identifiers);
  const values = identifiers.map((one: { type?: unknown; value?: unknown }) => `${one?.type}:${one?.value}`);
  return values
    .map((value) => value.toLowerCase())
    .toSorted()
    .join(' ');
}

async function csr(names: readonly string[]): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value })))],
  });
  return base64url.encode(new Uint8Array(request.rawData));
}

async function finalize(session: AcmeSession, order: Order, label: string): Promise<HttpAnswer> {
  if (!URL.canParse(order.finalize)) throw new UnmetNeed('the order has no finalize URL');
  const payload = { csr: await csr([session.name(label)]) };
  return session.post({ url: order.finalize, by: order.account, payload });
}

async function refusedToStrangers(session: AcmeSession, url: string) {
  const answer = await session.read(await session.stranger(), url);
  return expectThat(
    answer.status >= 400 && answer.status < 500,
    `To another account it was answered ${inWords(answer)}.`,
  );
}

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

export const orderChecks: readonly CaCheck[] = [
  {
    ...standard,
    id: 'new-order',
    group: 20,
    section: '7.4',
    level: 'MUST',
    basis: 'statement',
    asserts: 'newOrder is answered 201 with the order and its URL in Location.',
    async run(session) {
      const { answer, authorizations, finalize: url } = await session.order();
      const right = answer.status === 201 && authorizations.length > 0 && URL.canParse(url);
      return expectThat(
        right,
        `It was answered ${answer.status}, with Location, ${authorizations.length} authorizations, finalize ${url || 'absent'}.`,
      );
    },
  },
  {
    ...standard,
    id: 'order-has-the-identifiers',
    group: 20,
    section: '7.4',
    level: 'MUST',
    basis: 'statement',
    asserts: 'The order has the identifiers that were asked for.',
    async run(session) {
      const { identifiers } = await session.order();
      const asked = identifierSet([{ type: 'dns', value: session.name('shared') }]);
      return expectThat(identifierSet(identifiers) === asked, `They are ${identifierSet(identifiers)}.`);
    },
  },
  {
    ...standard,
    id: 'pending-order-expires',
    group: 20,
    section: '7.1.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A pending order has the field expires, a date of RFC 3339.',
    async run(session) {
      const body = jsonObject((await session.order()).answer);
      if (body?.status !== 'pending') return skipped(`the order is ${JSON.stringify(body?.status)}, not pending`);
      const right =
        typeof body.expires === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/i.test(body.expires);
      return expectThat(right, `expires is ${JSON.stringify(body.expires ?? null)}.`);
    },
  },
  {
    ...standard,
    id: 'order-stays-the-same',
    group: 20,
    section: '7.1.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'Identifiers and authorizations of an order are the same when it is read again.',
    async run(session) {
      const order = await session.order();
      const answer = await session.read(order.account, order.url);
      if (!succeeded(answer)) return failed(`Reading the order was answered ${inWords(answer)}.`);
      const body = jsonObject(answer);
      const authorizations = Array.isArray(body?.authorizations) ? body.authorizations.toSorted().join(' ') : '';
      const same =
        identifierSet(body?.identifiers) === identifierSet(order.identifiers) &&
        authorizations === order.authorizations.toSorted().join(' ');
      return expectThat(same, same ? 'They are.' : `Read again: ${answer.body.slice(0, 300)}`);
    },
  },
  {
    ...standard,
    id: 'unknown-identifier-type',
    group: 21,
    section: '7.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'An order with an unknown type of identifier is refused.',
    async run(session) {
      // A CA that takes no order at all proves nothing by refusing this one.
      await session.order();
      const identifiers = [{ type: 'padlock-unknown', value: session.name('unknown') }];
      const answer = await session.newOrder(await session.account(), { identifiers });
      if (succeeded(answer)) return failed(`The CA took it: ${answer.status}.`);
      if (answer.status >= 500) return failed(`The CA answered ${inWords(answer)}.`);
      if (errorType(answer) !== 'unsupportedIdentifier') {
        return warned(`It was refused, but not as unsupportedIdentifier: ${inWords(answer)}.`);
      }
      return expectThat(true, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'wildcard-authorization',
    group: 22,
    section: '7.1.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: "A wildcard's authorization names the base domain and has wildcard true.",
    async run(session) {
      const base = session.name('wild');
      const account = await session.account();
      const answer = await session.newOrder(account, { identifiers: [{ type: 'dns', value: `*.${base}` }] });
      const urls: unknown = jsonObject(answer)?.authorizations;
      const url: unknown = Array.isArray(urls) ? urls[0] : undefined;
      if (!succeeded(answer) || typeof url !== 'string')
        return skipped(`the CA took no wildcard order: ${inWords(answer)}`);
      const body = jsonObject(await session.read(account, url));
      const { value } = (body?.identifier ?? {}) as { value?: unknown };
      return expectThat(
        value === base && body?.wildcard === true,
        `It names ${JSON.stringify(value ?? null)}, wildcard is ${JSON.stringify(body?.wildcard ?? null)}.`,
      );
    },
  },
  {
    ...standard,
    id: 'nonsense-date',
    group: 24,
    section: '7.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'An order whose notAfter is no date is refused.',
    async run(session) {
      // A CA that takes no order at all proves nothing by refusing this one.
      await session.order();
      const account = await session.account();
      const identifiers = [{ type: 'dns', value: session.name('nonsense') }];
      const answer = await session.newOrder(account, { identifiers, notAfter: 'the day after tomorrow' });
      if (succeeded(answer)) return failed(`The CA took it: ${answer.status}.`);
      return expectThat(answer.status < 500, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'order-of-another-account',
    group: 25,
    section: '6.3',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'An order is not readable by another account.',
    run: async (session) => refusedToStrangers(session, (await session.order()).url),
  },
  {
    ...standard,
    id: 'authorization-of-another-account',
    group: 25,
    section: '6.3',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'An authorization is not readable by another account.',
    run: async (session) => refusedToStrangers(session, session.authorizationOf(await session.order())),
  },
  {
    ...standard,
    id: 'unknown-order',
    group: 25,
    rfc: 9110,
    section: '15.5.5',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'An order URL that the CA never gave is answered 404.',
    async run(session) {
      const { account, url } = await session.order();
      const answer = await session.read(account, `${url}-padlock`);
      return expectThat(answer.status === 404, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'deactivated-authorization',
    group: 27,
    section: '7.5.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'An order whose authorization was deactivated does not issue.',
    async run(session) {
      const account = await session.account();
      const order = await session.anotherOrder(account, 'deactivated');
      const url = session.authorizationOf(order);
      const answer = await session.post({ url, by: account, payload: { status: 'deactivated' } });
      if (!succeeded(answer)) return skipped(`the CA does not deactivate a pending authorization: ${inWords(answer)}`);
      const status = jsonObject(await session.read(account, url))?.status;
      const finalized = await finalize(session, order, 'deactivated');
      const right = status === 'deactivated' && !succeeded(finalized);
      return expectThat(
        right,
        `The authorization is ${JSON.stringify(status ?? null)}; finalize was answered ${inWords(finalized)}.`,
      );
    },
  },
  {
    ...standard,
    id: 'order-of-deactivated-authorization',
    group: 27,
    section: '7.1.6',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'An order becomes invalid when its authorization is deactivated.',
    async run(session) {
      const account = await session.account();
      const order = await session.anotherOrder(account, 'deactivated-order');
      const url = session.authorizationOf(order);
      const answer = await session.post({ url, by: account, payload: { status: 'deactivated' } });
      if (!succeeded(answer)) return skipped(`the CA does not deactivate a pending authorization: ${inWords(answer)}`);
      const status = jsonObject(await session.read(account, order.url))?.status;
      return expectThat(status === 'invalid', `The order is ${JSON.stringify(status ?? null)}.`);
    },
  },
  {
    ...standard,
    id: 'finalize-before-ready',
    group: 36,
    section: '7.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A finalize of an order that is not ready is answered 403 orderNotReady.',
    async run(session) {
      const order = await session.anotherOrder(await session.account(), 'not-ready');
      const status = jsonObject(order.answer)?.status;
      if (status !== 'pending') return skipped(`the order is ${JSON.stringify(status)}, not pending`);
      const answer = await finalize(session, order, 'not-ready');
      const right = answer.status === 403 && errorType(answer) === 'orderNotReady';
      return expectThat(right, `It was answered ${inWords(answer)}.`);
    },
  },
];

/** Judge all that was answered before; they come last. */
export const closingChecks: readonly CaCheck[] = [
  {
    rfc: 8555,
    profile: 'read-only',
    id: 'errors-are-problem-documents',
    group: 42,
    section: '6.7',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'Every error answer is a problem document, application/problem+json.',
    async run(session) {
      const errors = session.exchanges.filter(
        ({ status, method }) => status !== null && status >= 400 && method !== 'HEAD',
      );
      if (errors.length === 0) return skipped('no error was answered');
      const wrong = errors.filter(({ headers, body }) => {
        const answer: HttpAnswer = { status: 400, headers, body };
        const type = header(answer, 'content-type')?.split(';')[0]?.trim().toLowerCase();
        // The record keeps the beginning of a body only: JSON that goes on is not held against the CA.
        return type !== 'application/problem+json' || (jsonObject(answer) === null && body.length < 4096);
      });
      const first = wrong[0];
      return expectThat(
        wrong.length === 0,
        `${errors.length - wrong.length} of ${errors.length} are${first ? `; one that is not: ${first.method} ${first.url}, ${first.status}` : ''}.`,
      );
    },
  },
  {
    rfc: 8555,
    profile: 'read-only',
    id: 'error-types-are-registered',
    group: 42,
    section: '6.7',
    level: 'MUST',
    basis: 'keyword',
    asserts: "Errors in ACME's namespace are registered ones.",
    async run(session) {
      const types = new Set(
        session.exchanges.flatMap(({ status, headers, body }) => {
          const type = status === null ? null : errorType({ status, headers, body });
          return type === null ? [] : [type];
        }),
      );
      if (types.size === 0) return skipped('no ACME error was answered');
      const unknown = [...types].filter((type) => !registeredErrors.has(type));
      return expectThat(
        unknown.length === 0,
        unknown.length === 0 ? `All ${types.size} are.` : `Not registered: ${unknown.join(', ')}.`,
      );
    },
  },
  {
    rfc: 8555,
    profile: 'read-only',
    id: 'identifier-only-in-subproblems',
    group: 42,
    section: '6.7.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'No problem document has "identifier" at its top level.',
    async run(session) {
      const errors = session.exchanges.filter(({ status }) => status !== null && status >= 400);
      if (errors.length === 0) return skipped('no error was answered');
      const wrong = errors.filter(
        ({ headers, body }) => jsonObject({ status: 400, headers, body })?.identifier !== undefined,
      );
      const [first] = wrong;
      return expectThat(
        wrong.length === 0,
        `${wrong.length} of ${errors.length} have it${first ? `; one: ${first.method} ${first.url}` : ''}.`,
      );
    },
  },
];
