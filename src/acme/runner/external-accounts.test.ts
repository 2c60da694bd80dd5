import { expect, test } from 'vitest';
import { caChecks } from '../catalogue/catalogue.ts';
import { AcmeSession } from '../client/session.ts';
import { createSigningKey, type ExternalAccount } from '../client/signing-key.ts';
import { FakeCa } from '../testing/fake-ca.ts';

const accounts: readonly ExternalAccount[] = ['kid-1', 'kid-2'].map((kid) => ({ kid, macKey: Buffer.alloc(32, kid) }));

function sessionWith([externalAccount, ...moreExternalAccounts]: readonly ExternalAccount[]): AcmeSession {
  const transport = new FakeCa({
    externalAccounts: Object.fromEntries(accounts.map(({ kid, macKey }) => [kid, macKey])),
  });
  return new AcmeSession({
    ...{ directoryUrl: `${transport.base}/directory`, transport, externalAccount, moreExternalAccounts },
    ...{ userAgent: 'padlock/test', domain: 'padlock.test' },
  });
}

async function kidOf(session: AcmeSession, key: Awaited<ReturnType<typeof createSigningKey>>): Promise<string> {
  const { externalAccountBinding } = await session.newAccountPayload(key);
  const { protected: header } = externalAccountBinding as { readonly protected: string };
  return JSON.parse(Buffer.from(header, 'base64url').toString()).kid;
}

test('each new key takes the next external account, keeps it, and the first comes again in the end', async () => {
  const session = sessionWith(accounts);
  const keys = await Promise.all([1, 2, 3].map(() => createSigningKey('ES256')));
  const [first, second, third] = keys;
  if (!first || !second || !third) throw new Error('a key is missing');
  expect(await kidOf(session, first)).toBe('kid-1');
  expect(session.hasUsedExternalAccounts).toBe(false);
  expect(await kidOf(session, second)).toBe('kid-2');
  expect(session.hasUsedExternalAccounts).toBe(true);
  expect(await kidOf(session, third)).toBe('kid-1');
  expect(await kidOf(session, second)).toBe('kid-2');
});

test('a single external account is used for all keys', async () => {
  const session = sessionWith(accounts.slice(0, 1));
  await session.account();
  await session.spareAccount();
  expect(session.hasUsedExternalAccounts).toBe(false);
});

test('a refused binding is not judged once all external accounts are used', async () => {
  const check = caChecks.find(({ id }) => id === 'binding-with-nonce');
  expect(await check?.run(sessionWith(accounts))).toMatchObject({ verdict: 'skipped' });
  expect(await check?.run(sessionWith(accounts.slice(0, 1)))).toMatchObject({ verdict: 'passed' });
});

test('an external account that the CA refuses is told to be perhaps used up, expired or disabled', async () => {
  const unknown: ExternalAccount = { kid: 'expired', macKey: Buffer.alloc(32, 'x') };
  await expect(sessionWith([unknown]).account()).rejects.toThrow(
    /^the CA created no account: .*; the external account \(--eab-kid\) may be used up, expired or disabled$/,
  );
});
