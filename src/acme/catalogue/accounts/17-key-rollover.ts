import { flattenedVerify, importJWK, type JWK } from 'jose';
import { header, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import { type Account, type AcmeSession, UnmetNeed } from '../../client/session.ts';
import {
  createSigningKey,
  inventedNonce,
  type ProtectedHeader,
  type SigningKey,
  signJws,
} from '../../client/signing-key.ts';
import { answerAsHonest } from '../../deviations/accept-anyway.ts';
import { withFields } from '../../deviations/answer-change.ts';
import type { Conversation } from '../../deviations/conversation.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { readJws, readSigned, type SignedRequest } from '../../deviations/signed-request.ts';
import { expectThat, failed, skipped, standard, warned } from '../check.ts';
import { type GroupCheck, group } from '../group.ts';
import { refused } from './refused.ts';

interface KeyChange {
  /** Changes the inner protected header before it is signed. */
  readonly header?: (header: ProtectedHeader) => ProtectedHeader;
  readonly account?: string;
  readonly oldKey?: SigningKey;
  /** Signs the inner JWS. Default: the new key. */
  readonly signer?: SigningKey;
}

/** Posts a key change (RFC 8555 section 7.3.5), by default without a fault. */
async function changeKey(session: AcmeSession, account: Account, key: SigningKey, fault: KeyChange = {}) {
  const url = await session.resource('keyChange');
  const inner: ProtectedHeader = { alg: key.algorithm, jwk: key.publicJwk, url };
  const keyChange = { account: fault.account ?? account.url, oldKey: (fault.oldKey ?? account.key).publicJwk };
  const payload = await signJws(fault.signer ?? key, fault.header?.(inner) ?? inner, JSON.stringify(keyChange));
  const answer = await session.post({ url, by: account, payload });
  return { answer, account: succeeded(answer) ? session.rekey(account, key) : account };
}

/** A key change without a fault, once per run. */
const honestKeyChange = oncePerSession(async (session) => {
  const before = await session.anotherAccount();
  return { before, ...(await changeKey(session, before, await createSigningKey('ES256'))) };
});

/** @throws UnmetNeed if the CA refuses even an honest key change: then the refusal of a faulty one proves nothing */
async function needsKeyChanges(session: AcmeSession): Promise<void> {
  const { answer } = await honestKeyChange(session);
  if (!succeeded(answer)) throw new UnmetNeed(`the CA also refuses a key change without a fault: ${inWords(answer)}`);
}

/** A key change with a fault, which the CA must refuse. */
async function faultyKeyChange(session: AcmeSession, fault: (session: AcmeSession) => Promise<KeyChange>) {
  await needsKeyChanges(session);
  const account = await session.spareAccount();
  const { answer } = await changeKey(session, account, await createSigningKey('ES256'), await fault(session));
  return refused(answer);
}

function faultyKeyChangeCheck(
  id: string,
  asserts: string,
  fault: (session: AcmeSession) => Promise<KeyChange>,
): GroupCheck {
  return {
    ...standard,
    id,
    section: '7.3.5',
    level: 'MUST',
    basis: 'keyword',
    asserts,
    run: (session) => faultyKeyChange(session, fault),
  };
}

/** The parts of a key change (RFC 8555 section 7.3.5). */
interface ReadKeyChange {
  readonly outer: SignedRequest;
  readonly inner: SignedRequest;
  readonly account: string;
}

/** Answers a faulty key change as if it were made. The account keeps its key. */
function acceptKeyChange(
  hasFault: (change: ReadKeyChange, conversation: Conversation) => boolean | Promise<boolean>,
): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const outer = readSigned(request);
    const inner = outer === null ? null : readJws(outer.payload);
    const account = outer?.header.kid;
    const isKeyChange = conversation.isFor(request, 'keyChange') && typeof account === 'string';
    if (!isKeyChange || outer === null || inner === null) return forward(request);
    const fault = await hasFault({ outer, inner, account }, conversation);
    return fault ? answerAsHonest(request, outer, conversation) : forward(request);
  };
}

export const keyRollover = group(17, 'Key rollover', {
  runs: 'accounts',
  feature: 'account-key-change',
  checks: [
    // RFC 8555 section 7.3.5: After a key change the new key stands for the account, and the old one no longer does.
    {
      ...standard,
      id: 'key-change',
      section: '7.3.5',
      level: 'MUST',
      basis: 'statement',
      asserts: 'A key change is answered 200. Afterwards the new key works and the old key does not.',
      async run(session) {
        const { before, answer, account } = await honestKeyChange(session);
        // A CA may not offer it: the section says how a key is changed, not that every CA does so.
        if (answer.status >= 400) return warned(`The CA refused the key change: ${inWords(answer)}.`);
        if (answer.status !== 200) return expectThat(false, `The CA answered ${inWords(answer)}.`, answer);
        const byNew = await session.read(account, account.url);
        const byOld = await session.read(before, account.url);
        const right = succeeded(byNew) && !succeeded(byOld);
        return expectThat(
          right,
          `The CA answered the new key with ${inWords(byNew)}, the old key with ${inWords(byOld)}.`,
          byNew,
        );
      },
    },
    // RFC 8555 section 7.3.5: A key change affects neither orders nor authorizations.
    {
      ...standard,
      id: 'key-change-keeps-orders',
      section: '7.3.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'A pending order and its authorization survive a key change.',
      async run(session) {
        const before = await session.anotherAccount();
        const order = await session.anotherOrder(before, 'key-change');
        const { answer, account } = await changeKey(session, before, await createSigningKey('ES256'));
        if (!succeeded(answer)) return skipped(`the CA refused the key change: ${inWords(answer)}`);
        const authorization = await session.read(account, session.authorizationOf(order));
        const status = [await session.read(account, order.url), authorization].map((one) => jsonObject(one)?.status);
        const was = jsonObject(order.answer)?.status;
        return expectThat(
          status[0] === was && status[1] !== 'invalid' && status[1] !== undefined,
          `After the key change, order and authorization are ${status.join(' and ')}.`,
        );
      },
    },
    // RFC 8555 section 7.3.5: Inner and outer JWS have the same url.
    faultyKeyChangeCheck(
      'key-change-with-foreign-url',
      'The CA refuses a key change whose inner url differs.',
      async (session) => {
        const url = await session.resource('newOrder');
        return { header: (header) => ({ ...header, url }) };
      },
    ),
    // RFC 8555 section 7.3.5: oldKey is the present key of the account.
    faultyKeyChangeCheck(
      'key-change-with-wrong-old-key',
      'The CA refuses a key change with another oldKey.',
      async () => ({
        oldKey: await createSigningKey('ES256'),
      }),
    ),
    // RFC 8555 section 7.3.5: The inner payload names the account whose key signed the outer JWS.
    faultyKeyChangeCheck(
      'key-change-with-foreign-account',
      'The CA refuses a key change that names another account.',
      async (session) => ({ account: (await session.account()).url }),
    ),
    // RFC 8555 section 7.3.5: The inner JWS carries the new key as jwk and is signed by it.
    faultyKeyChangeCheck(
      'key-change-without-jwk',
      'The CA refuses a key change whose inner JWS has no jwk.',
      async () => ({
        header: ({ jwk: _, ...header }) => header,
      }),
    ),
    // RFC 8555 section 7.3.5: The server verifies the inner JWS by the key in its jwk.
    faultyKeyChangeCheck(
      'key-change-signed-by-another-key',
      'The CA refuses a key change whose inner JWS is not signed by its jwk.',
      async () => ({ signer: await createSigningKey('ES256') }),
    ),
    // RFC 8555 section 7.3.5: The inner JWS has no nonce. The steps that a server performs do not include this one, so
    // it is no MUST.
    {
      ...faultyKeyChangeCheck(
        'key-change-with-inner-nonce',
        'The CA refuses a key change whose inner JWS has a nonce.',
        async () => ({
          header: (header) => ({ ...header, nonce: inventedNonce() }),
        }),
      ),
      level: 'SHOULD',
      basis: 'statement',
    },
    // RFC 8555 section 7.3.5: The new key must not be the key of another account.
    {
      ...standard,
      id: 'key-change-to-a-key-in-use',
      section: '7.3.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a key change to the key of another account.',
      async run(session) {
        await needsKeyChanges(session);
        const { key } = await session.account();
        const before = await session.spareAccount();
        const { answer } = await changeKey(session, before, key);
        if (!succeeded(answer)) return refused(answer);
        const byOld = await session.read(before, before.url);
        return failed(`The CA answered ${answer.status}, and then a request by the old key with ${inWords(byOld)}.`);
      },
    },
    // RFC 8555 section 7.3.5: The error is 409, with the URL of the account that has the key.
    {
      ...standard,
      id: 'key-in-use-is-named',
      section: '7.3.5',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: "The CA answers a key change to the key of another account with 409 and that account's URL in Location.",
      async run(session) {
        await needsKeyChanges(session);
        const { key, url } = await session.account();
        const { answer } = await changeKey(session, await session.spareAccount(), key);
        if (succeeded(answer)) return skipped(`the CA did not refuse it: ${answer.status}`);
        const right = answer.status === 409 && header(answer, 'location') === url;
        return expectThat(
          right,
          `The CA answered ${inWords(answer)}, Location is ${header(answer, 'location') ?? 'absent'}.`,
          answer,
        );
      },
    },
  ],
  deviations: [
    {
      name: 'key-change-refused',
      describes: 'Every key change is refused.',
      rfc: 8555,
      section: '7.3.5',
      breaks: ['key-change'],
      apply: (request, forward, conversation) =>
        conversation.isFor(request, 'keyChange') && request.method === 'POST'
          ? conversation.problem(400, 'malformed', 'keys are not changed')
          : forward(request),
    },
    {
      name: 'key-change-ends-orders',
      describes: 'The orders of an account are invalid after a key change.',
      rfc: 8555,
      section: '7.3.5',
      breaks: ['key-change-keeps-orders'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        const kid = String(readSigned(request)?.header.kid);
        if (!succeeded(answer)) return answer;
        if (conversation.isFor(request, 'keyChange')) conversation.memory.set(kid, true);
        const isEnded = conversation.isFor(request, 'order') && conversation.memory.has(kid);
        return isEnded ? withFields(answer, { status: 'invalid' }) : answer;
      },
    },
    {
      name: 'key-change-with-foreign-url-accepted',
      describes: 'A key change whose inner url is not that of the request is accepted.',
      rfc: 8555,
      section: '7.3.5',
      breaks: ['key-change-with-foreign-url'],
      apply: acceptKeyChange(({ inner, outer }) => inner.header.url !== outer.header.url),
    },
    {
      name: 'key-change-with-wrong-old-key-accepted',
      describes: 'A key change whose oldKey is not the key of the account is accepted.',
      rfc: 8555,
      section: '7.3.5',
      breaks: ['key-change-with-wrong-old-key'],
      apply: acceptKeyChange(
        async ({ inner, account }, conversation) => !(await conversation.isKeyOf(account, inner.fields.oldKey)),
      ),
    },
    {
      name: 'key-change-with-foreign-account-accepted',
      describes: 'A key change that names another account is accepted.',
      rfc: 8555,
      section: '7.3.5',
      breaks: ['key-change-with-foreign-account'],
      apply: acceptKeyChange(({ inner, account }) => inner.fields.account !== account),
    },
    {
      name: 'key-change-without-jwk-accepted',
      describes: 'A key change whose inner JWS has no jwk is accepted.',
      rfc: 8555,
      section: '7.3.5',
      breaks: ['key-change-without-jwk'],
      apply: acceptKeyChange(({ inner }) => inner.header.jwk === undefined),
    },
    {
      name: 'key-change-signed-by-another-key-accepted',
      describes: 'The signature of the inner JWS of a key change is not verified.',
      rfc: 8555,
      section: '7.3.5',
      breaks: ['key-change-signed-by-another-key'],
      apply: acceptKeyChange(async ({ inner, outer }) => {
        if (inner.header.jwk === undefined) return false;
        try {
          await flattenedVerify(JSON.parse(outer.payload), await importJWK(inner.header.jwk as JWK, 'ES256'));
          return false;
        } catch {
          return true;
        }
      }),
    },
    {
      name: 'key-change-with-inner-nonce-accepted',
      describes: 'A key change whose inner JWS has a nonce is accepted.',
      rfc: 8555,
      section: '7.3.5',
      breaks: ['key-change-with-inner-nonce'],
      apply: acceptKeyChange(({ inner }) => inner.header.nonce !== undefined),
    },
    {
      name: 'key-change-to-a-key-in-use-accepted',
      describes: 'A key change to the key of another account is accepted.',
      rfc: 8555,
      section: '7.3.5',
      breaks: ['key-change-to-a-key-in-use'],
      apply: acceptKeyChange(async ({ inner, account }, conversation) => {
        const other = await conversation.accountOf(inner.header.jwk);
        return other !== undefined && other !== account;
      }),
    },
    {
      name: 'key-in-use-not-named',
      describes: 'A key change to the key of another account is refused with 400, without that account in Location.',
      rfc: 8555,
      section: '7.3.5',
      breaks: ['key-in-use-is-named'],
      async apply(request, forward, conversation) {
        const outer = readSigned(request);
        const inner = outer !== null && conversation.isFor(request, 'keyChange') ? readJws(outer.payload) : null;
        const other = await conversation.accountOf(inner?.header.jwk);
        return other !== undefined && other !== outer?.header.kid
          ? conversation.problem(400, 'malformed', 'the key is in use')
          : forward(request);
      },
    },
  ],
});
