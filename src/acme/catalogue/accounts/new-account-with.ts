import type { AcmeSession } from '../../client/session.ts';
import { createSigningKey } from '../../client/signing-key.ts';
import type { HttpAnswer } from '../../client/transport.ts';

/**
 * Sends newAccount with changed fields, after another account was created without them: some CAs accept a binding only once.
 *
 * @throws UnmetNeed if the CA creates no other account
 */
export async function newAccountWith(
  session: AcmeSession,
  change: Readonly<Record<string, unknown>>,
): Promise<HttpAnswer> {
  await session.account();
  await session.spareAccount();
  const key = await createSigningKey('ES256');
  return session.newAccount(key, { ...(await session.newAccountPayload(key)), ...change });
}
