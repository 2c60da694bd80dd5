import { randomBytes } from 'node:crypto';
import { errorType, header, inWords, jsonObject, links, succeeded } from '../client/answer.ts';
import { oncePerSession } from '../client/once-per-session.ts';
import { type Account, type AcmeSession, UnmetNeed } from '../client/session.ts';
import {
  type BindingFault,
  createSigningKey,
  inventedNonce,
  type ProtectedHeader,
  type SigningKey,
  signJws,
} from '../client/signing-key.ts';
import type { HttpAnswer } from '../client/transport.ts';
import { type CaCheck, expectThat, type Finding, failed, passed, skipped, warned } from './check.ts';

/** Groups 12 to 19 of the catalogue: accounts, key rollover, the orders list, external account binding. */

const standard = { rfc: 8555, profile: 'standard' } as const;
const readOnly = { rfc: 8555, profile: 'read-only' } as const;

function refused(answer: HttpAnswer): Finding {
  if (succeeded(answer)) return failed(`The CA accepted it: ${answer.status}.`);
  return expectThat(answer.status >= 400 && answer.status < 500, `The CA answered ${inWords(answer)}.`);
}

/**
 * newAccount with a fault. That another account could be made without it is seen first: some CAs take a binding only once.
 * @throws UnmetNeed where the CA makes no other account
 */
async function newAccountWith(session: AcmeSession, change: Readonly<Record<string, unknown>>): Promise<HttpAnswer> {
  await session.account();
  await session.spareAccount();
  const key = await createSigningKey('ES256');
  return session.newAccount(key, { ...(await session.newAccountPayload(key)), ...change });
}

interface KeyChange {
  /** Changes the inner protected header before it is signed. */
  readonly header?: (header: ProtectedHeader) => ProtectedHeader;
  readonly account?: string;
  readonly oldKey?: SigningKey;
}

/** Posts a key change (RFC 8555 section 7.3.5), with a fault where one is asked for. */
async function changeKey(session: AcmeSession, account: Account, key: SigningKey, fault: KeyChange = {}) {
  const url = await session.resource('keyChange');
  const inner: ProtectedHeader = { alg: key.algorithm, jwk: key.publicJwk, url };
  const keyChange = { account: fault.account ?? account.url, oldKey: (fault.oldKey ?? account.key).publicJwk };
  const payload = await signJws(key, fault.header?.(inner) ?? inner, JSON.stringify(keyChange));
  const answer = await session.post({ url, by: account, payload });
  return { answer, account: succeeded(answer) ? session.rekey(account, key) : account };
}

/** One per run: a key change as it should be. */
const honestKeyChange = oncePerSession(async (session) => {
  const before = await session.anotherAccount();
  return { before, ...(await changeKey(session, before, await createSigningKey('ES256'))) };
});

/** Where even an honest key change is refused, the refusal of a faulty one proves nothing. @throws UnmetNeed then */
async function needsKeyChanges(session: AcmeSession): Promise<void> {
  const { answer } = await honestKeyChange(session);
  if (!succeeded(answer)) throw new UnmetNeed(`a key change without a fault is refused, too: ${inWords(answer)}`);
}

/** A key change with a fault, which must be refused. */
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
): CaCheck {
  return {
    ...standard,
    id,
    group: 17,
    section: '7.3.5',
    level: 'MUST',
    basis: 'keyword',
    asserts,
    run: (session) => faultyKeyChange(session, fault),
  };
}

/** A binding that the CA has to find wrong. */
function faultyBindingCheck(
  id: string,
  asserts: string,
  fault: (session: AcmeSession) => Promise<BindingFault>,
): CaCheck {
  return {
    ...standard,
    id,
    group: 19,
    section: '7.3.4',
    level: 'MUST',
    basis: 'keyword',
    asserts,
    async run(session) {
      if (!session.options.externalAccount) return skipped('no external account was given (--eab-kid)');
      await session.account();
      await session.spareAccount();
      if (session.hasUsedExternalAccounts) {
        return skipped('each external account that was given was used: the CA may refuse a binding for that');
      }
      const key = await createSigningKey('ES256');
      const payload = await session.newAccountPayload(key, await fault(session));
      const answer = await session.newAccount(key, payload);
      const reflected = jsonObject(answer)?.externalAccountBinding !== undefined;
      const { externalAccountRequired } = await session.meta();
      if (succeeded(answer) && !reflected && externalAccountRequired !== true) {
        return skipped('the CA does not verify bindings, and does not claim to: the account it made has none');
      }
      return refused(answer);
    },
  };
}

export const accountChecks: readonly CaCheck[] = [
  {
    ...standard,
    id: 'new-account',
    group: 12,
    section: '7.3',
    level: 'MUST',
    basis: 'statement',
    asserts: 'newAccount is answered 201 with the account, status valid, and its URL in Location.',
    async run(session) {
      const { answer } = await session.account().catch((error: unknown) => {
        // A refusal may have its reason; breaking down has none.
        if (error instanceof UnmetNeed && (error.status === null || error.status < 500)) throw error;
        return { answer: null };
      });
      if (answer === null) return failed(session.unmet.join('; '));
      const status = jsonObject(answer)?.status;
      const right = answer.status === 201 && header(answer, 'location') !== undefined && status === 'valid';
      return expectThat(
        right,
        `It was answered ${answer.status}, status ${JSON.stringify(status ?? null)}, with Location.`,
      );
    },
  },
  {
    ...standard,
    id: 'account-has-orders',
    group: 12,
    section: '7.1.2',
    level: 'MUST',
    basis: 'statement',
    asserts: 'An account object has the required field orders, a URL.',
    async run(session) {
      const { answer } = await session.account();
      const orders = jsonObject(answer)?.orders;
      return expectThat(
        typeof orders === 'string' && URL.canParse(orders),
        `orders is ${JSON.stringify(orders ?? null)}.`,
      );
    },
  },
  {
    ...standard,
    id: 'same-key-same-account',
    group: 12,
    section: '7.3.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'newAccount with the key of an account is answered 200 with its URL in Location.',
    async run(session) {
      const account = await session.account();
      const answer = await session.newAccount(account.key, await session.newAccountPayload(account.key));
      const same = header(answer, 'location') === account.url;
      return expectThat(
        answer.status === 200 && same,
        `It was answered ${inWords(answer)}, Location is ${same ? 'the same' : (header(answer, 'location') ?? 'absent')}.`,
      );
    },
  },
  {
    ...standard,
    id: 'same-key-changes-nothing',
    group: 12,
    section: '7.3.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'newAccount with the key of an account ignores the fields of the request.',
    async run(session) {
      const account = await session.anotherAccount();
      const contact = ['mailto:padlock@example.com'];
      await session.newAccount(account.key, { ...(await session.newAccountPayload(account.key)), contact });
      const after = jsonObject(await session.newAccount(account.key, { onlyReturnExisting: true }))?.contact;
      const changed = JSON.stringify(after ?? null).includes('padlock@example.com');
      return expectThat(!changed, `Afterwards contact is ${JSON.stringify(after ?? null)}.`);
    },
  },
  {
    ...standard,
    id: 'unknown-fields-are-ignored',
    group: 12,
    section: '7.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'An unknown field of newAccount is ignored and not reflected in the account.',
    async run(session) {
      const answer = await newAccountWith(session, { padlockUnknownField: 'unknown' });
      if (!succeeded(answer)) return failed(`newAccount was refused: ${inWords(answer)}.`);
      const reflected = jsonObject(answer)?.padlockUnknownField !== undefined;
      return expectThat(!reflected, reflected ? 'It is reflected.' : 'It is not reflected.');
    },
  },
  {
    ...readOnly,
    id: 'look-up-of-unknown-key',
    group: 13,
    section: '7.3.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'onlyReturnExisting with an unknown key is answered 400 accountDoesNotExist.',
    async run(session) {
      const by = await session.key('look-up');
      const answer = await session.newAccount(by, { onlyReturnExisting: true });
      const right = answer.status === 400 && errorType(answer) === 'accountDoesNotExist';
      return expectThat(right, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'look-up-of-known-key',
    group: 13,
    section: '7.3.1',
    level: 'MUST',
    basis: 'keyword',
    asserts:
      'onlyReturnExisting with the key of an account, without a binding, is answered 200 with its URL in Location.',
    async run(session) {
      const account = await session.account();
      const answer = await session.newAccount(account.key, { onlyReturnExisting: true });
      const right = answer.status === 200 && header(answer, 'location') === account.url;
      const known = ' cert-manager then says "No Key ID" (cert-manager issues 7388, 5987 and 7830).';
      return expectThat(right, `It was answered ${inWords(answer)}.${right ? '' : known}`);
    },
  },
  {
    ...standard,
    id: 'terms-must-be-agreed',
    group: 14,
    section: '7.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'newAccount without agreement is refused where the CA requires terms, and only where meta has their URL.',
    async run(session) {
      const answer = await newAccountWith(session, { termsOfServiceAgreed: false });
      const { termsOfService } = await session.meta();
      if (succeeded(answer)) {
        if (termsOfService === undefined) return passed('The CA has no terms, and made the account.');
        return warned('The CA has terms and made an account without agreement to them: it may not require it.');
      }
      if (termsOfService === undefined) return failed(`It was refused though meta has no terms: ${inWords(answer)}.`);
      return refused(answer);
    },
  },
  {
    ...standard,
    id: 'unsupported-contact',
    group: 15,
    section: '7.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A contact with a scheme that the CA does not support is refused as unsupportedContact.',
    async run(session) {
      const answer = await newAccountWith(session, { contact: ['padlock-unknown:nobody'] });
      if (succeeded(answer)) return warned('The CA took an account with the contact padlock-unknown:nobody.');
      return expectThat(errorType(answer) === 'unsupportedContact', `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'invalid-contact',
    group: 15,
    section: '7.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A mailto contact with two addresses is refused as invalidContact.',
    async run(session) {
      const answer = await newAccountWith(session, { contact: ['mailto:one@example.com,two@example.com'] });
      if (succeeded(answer)) return warned('The CA took an account with two addresses in one mailto contact.');
      return expectThat(errorType(answer) === 'invalidContact', `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'contact-with-header-fields',
    group: 15,
    section: '7.3',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'A mailto contact with header fields (RFC 6068) is refused as invalidContact.',
    async run(session) {
      const answer = await newAccountWith(session, { contact: ['mailto:padlock@example.com?subject=padlock'] });
      if (succeeded(answer)) return failed('The CA took an account with header fields in its mailto contact.');
      return expectThat(errorType(answer) === 'invalidContact', `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'account-update',
    group: 15,
    section: '7.3.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'An update that the CA accepts is answered 200 with the account object; a change of orders is ignored.',
    async run(session) {
      const account = await session.account();
      const orders = 'https://padlock.invalid/orders';
      const answer = await session.post({ url: account.url, by: account, payload: { contact: [], orders } });
      if (!succeeded(answer)) return skipped(`the CA did not accept the update: ${inWords(answer)}`);
      const body = jsonObject(answer);
      const right = answer.status === 200 && body?.status === 'valid' && body.orders !== orders;
      return expectThat(right, `It was answered ${answer.status}, orders is ${JSON.stringify(body?.orders ?? null)}.`);
    },
  },
  {
    ...standard,
    id: 'deactivated-account',
    group: 16,
    section: '7.3.6',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A request of a deactivated account is answered 401 unauthorized.',
    async run(session) {
      const account = await session.anotherAccount();
      const gone = await session.deactivate(account);
      if (gone.status !== 200) return failed(`The deactivation was answered ${inWords(gone)}.`);
      const answer = await session.read(account, account.url);
      const right = answer.status === 401 && errorType(answer) === 'unauthorized';
      return expectThat(right, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'key-change',
    group: 17,
    section: '7.3.5',
    level: 'MUST',
    basis: 'statement',
    asserts: 'A key change is answered 200, then the new key works and the old one does not.',
    async run(session) {
      const { before, answer, account } = await honestKeyChange(session);
      if (answer.status !== 200) return failed(`It was answered ${inWords(answer)}.`);
      const byNew = await session.read(account, account.url);
      const byOld = await session.read(before, account.url);
      const right = succeeded(byNew) && !succeeded(byOld);
      return expectThat(right, `By the new key: ${inWords(byNew)}; by the old one: ${inWords(byOld)}.`);
    },
  },
  {
    ...standard,
    id: 'key-change-keeps-orders',
    group: 17,
    section: '7.3.5',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A pending order and its authorization live on after a key change.',
    async run(session) {
      const before = await session.anotherAccount();
      const order = await session.anotherOrder(before, 'key-change');
      const { answer, account } = await changeKey(session, before, await createSigningKey('ES256'));
      if (!succeeded(answer)) return skipped(`the key change was refused: ${inWords(answer)}`);
      const authorization = await session.read(account, session.authorizationOf(order));
      const status = [await session.read(account, order.url), authorization].map((one) => jsonObject(one)?.status);
      const was = jsonObject(order.answer)?.status;
      return expectThat(
        status[0] === was && status[1] !== 'invalid' && status[1] !== undefined,
        `Order and authorization are ${status.join(' and ')}.`,
      );
    },
  },
  faultyKeyChangeCheck(
    'key-change-with-foreign-url',
    'A key change whose inner url differs is refused.',
    async (session) => {
      const url = await session.resource('newOrder');
      return { header: (header) => ({ ...header, url }) };
    },
  ),
  faultyKeyChangeCheck('key-change-with-wrong-old-key', 'A key change with another oldKey is refused.', async () => ({
    oldKey: await createSigningKey('ES256'),
  })),
  faultyKeyChangeCheck(
    'key-change-with-foreign-account',
    'A key change that names another account is refused.',
    async (session) => ({ account: (await session.account()).url }),
  ),
  faultyKeyChangeCheck('key-change-without-jwk', 'A key change whose inner JWS has no jwk is refused.', async () => ({
    header: ({ jwk: _, ...header }) => header,
  })),
  {
    ...faultyKeyChangeCheck(
      'key-change-with-inner-nonce',
      'A key change whose inner JWS has a nonce is refused.',
      async () => ({
        header: (header) => ({ ...header, nonce: inventedNonce() }),
      }),
    ),
    // The inner JWS must not have it, but it is not among what the server must verify.
    level: 'SHOULD',
    basis: 'statement',
  },
  {
    ...standard,
    id: 'key-change-to-a-key-in-use',
    group: 17,
    section: '7.3.5',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A key change to the key of another account is refused.',
    async run(session) {
      await needsKeyChanges(session);
      const { key } = await session.account();
      const before = await session.spareAccount();
      const { answer } = await changeKey(session, before, key);
      if (!succeeded(answer)) return refused(answer);
      const byOld = await session.read(before, before.url);
      return failed(`The CA answered ${answer.status}; a request by the old key is then answered ${inWords(byOld)}.`);
    },
  },
  {
    ...standard,
    id: 'key-in-use-is-named',
    group: 17,
    section: '7.3.5',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'A key change to the key of another account is answered 409 with that account in Location.',
    async run(session) {
      await needsKeyChanges(session);
      const { key, url } = await session.account();
      const { answer } = await changeKey(session, await session.spareAccount(), key);
      if (succeeded(answer)) return skipped(`the CA did not refuse it: ${answer.status}`);
      const right = answer.status === 409 && header(answer, 'location') === url;
      return expectThat(
        right,
        `It was answered ${inWords(answer)}, Location is ${header(answer, 'location') ?? 'absent'}.`,
      );
    },
  },
  {
    ...standard,
    id: 'orders-list',
    group: 18,
    section: '7.1.2.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'POST-as-GET of the orders URL gives a JSON object whose field orders is an array of URLs.',
    async run(session) {
      const { answer, orders, pages } = await ordersList(session);
      const right = succeeded(answer) && Array.isArray(orders) && orders.every((url) => typeof url === 'string');
      return expectThat(
        right,
        `It was answered ${inWords(answer)}, orders is ${Array.isArray(orders) ? `an array of ${orders.length} on ${pages} page${pages === 1 ? '' : 's'}` : JSON.stringify(orders ?? null)}.`,
      );
    },
  },
  {
    ...standard,
    id: 'orders-list-has-pending-orders',
    group: 18,
    section: '7.1.2.1',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'The orders list has a pending order in it.',
    async run(session) {
      // One of its own: the shared one is looked at by checks beside this one.
      const order = await session.anotherOrder(await session.account(), 'listed');
      const { answer, orders, goesOn } = await ordersList(session);
      if (!succeeded(answer) || !Array.isArray(orders)) return failed(`There is no list: ${inWords(answer)}.`);
      if (goesOn && !orders.includes(order.url)) return skipped(`the list goes on after ${mostPages} pages`);
      return expectThat(
        orders.includes(order.url),
        `Of ${orders.length} orders, the pending one ${orders.includes(order.url) ? 'is' : 'is not'} there.`,
      );
    },
  },
  {
    ...standard,
    id: 'binding-required-as-advertised',
    group: 19,
    section: '7.3.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'An account without a binding is refused where, and only where, meta has externalAccountRequired true.',
    async run(session) {
      const { answer, required } = await newAccountWithoutBinding(session);
      if (required) return refused(answer);
      if (succeeded(answer)) return passed('None is required, and an account without one was made.');
      if (errorType(answer) === 'externalAccountRequired') {
        return failed('A binding is required (externalAccountRequired), though meta does not say so.');
      }
      return skipped(`the account was refused for another reason: ${inWords(answer)}`);
    },
  },
  {
    ...standard,
    id: 'absent-binding-is-named',
    group: 19,
    section: '7.3.4',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'Where a binding is required, an account without one is refused as externalAccountRequired.',
    async run(session) {
      const { answer, required } = await newAccountWithoutBinding(session);
      if (!required) return skipped('the CA does not require a binding');
      return expectThat(errorType(answer) === 'externalAccountRequired', `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'binding-is-shown',
    group: 19,
    section: '7.3.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'An account that was made with a binding shows it.',
    async run(session) {
      if (!session.options.externalAccount) return skipped('no external account was given (--eab-kid)');
      const { answer } = await session.account();
      const shown = jsonObject(answer)?.externalAccountBinding !== undefined;
      const { externalAccountRequired } = await session.meta();
      if (!shown && externalAccountRequired !== true) return skipped('the CA does not claim to verify bindings');
      return expectThat(shown, shown ? 'It is shown.' : 'The account has no externalAccountBinding.');
    },
  },
  faultyBindingCheck('binding-with-unknown-kid', 'A binding with an unknown kid is refused.', async () => ({
    kid: `padlock-${randomBytes(8).toString('hex')}`,
  })),
  faultyBindingCheck('binding-with-wrong-mac', 'A binding whose MAC is by another key is refused.', async () => ({
    macKey: randomBytes(32),
  })),
  faultyBindingCheck('binding-with-foreign-url', 'A binding whose url differs is refused.', async (session) => ({
    url: await session.resource('newOrder'),
  })),
  faultyBindingCheck('binding-with-nonce', 'A binding with a nonce is refused.', async (session) => ({
    nonce: await session.nonce(),
  })),
  faultyBindingCheck('binding-of-another-key', 'A binding of another account key is refused.', async () => ({
    payloadKey: (await createSigningKey('ES256')).publicJwk,
  })),
];

async function newAccountWithoutBinding(session: AcmeSession) {
  const key = await createSigningKey('ES256');
  const answer = await session.newAccount(key, { termsOfServiceAgreed: true });
  const { externalAccountRequired } = await session.meta();
  return { answer, required: externalAccountRequired === true };
}

/** How many pages of an orders list are read. */
const mostPages = 50;

/** The orders list with its further pages (RFC 8555 section 7.1.2.1: Link "next"). The answer is that of the last page that was read. */
async function ordersList(session: AcmeSession) {
  const account = await session.account();
  // So that there is an order to list.
  await session.order();
  const first = jsonObject(account.answer)?.orders;
  if (typeof first !== 'string' || !URL.canParse(first)) throw new UnmetNeed('the account has no orders URL');
  const listed: unknown[] = [];
  let url = first;
  for (let pages = 1; ; pages += 1) {
    const answer = await session.read(account, url);
    const orders = jsonObject(answer)?.orders;
    if (!Array.isArray(orders)) return { answer, orders, pages, goesOn: false };
    listed.push(...(orders as readonly unknown[]));
    const [next] = links(answer, 'next');
    if (next === undefined || !URL.canParse(next, url) || pages >= mostPages) {
      return { answer, orders: listed, pages, goesOn: next !== undefined };
    }
    url = new URL(next, url).href;
  }
}
