import { base64url } from 'jose';
import { endEntityOf } from '../../client/certificate-subject.ts';
import { type Issued, issue } from '../../client/issuance.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import type { Account, AcmeSession } from '../../client/session.ts';
import type { SigningKey } from '../../client/signing-key.ts';
import type { HttpAnswer } from '../../client/transport.ts';

/** RFC 5280 section 5.3.1 does not use the code 7. */
export const unusedReason = 7;

/** RFC 8555 section 7.6. A CA may disallow any reason, so there is none unless a check is about it. */
export async function revoke(
  session: AcmeSession,
  issued: Issued,
  { by = issued.order.account, reason }: { readonly by?: Account | SigningKey; readonly reason?: number } = {},
): Promise<HttpAnswer> {
  const certificate = base64url.encode(new Uint8Array(endEntityOf(issued).rawData));
  return session.post({
    url: await session.resource('revokeCert'),
    by,
    payload: reason === undefined ? { certificate } : { certificate, reason },
  });
}

interface Revocations {
  readonly issued: Issued;
  /** By an unrelated account. */
  readonly byStranger: HttpAnswer;
  readonly withUnusedReason: HttpAnswer;
  readonly byAccount: HttpAnswer;
  readonly again: HttpAnswer;
}

/** A certificate that its account revokes after two requests that must not revoke it; once per run. */
export const accountRevocations = oncePerSession((session) => session.shared(makeRevocations(session)));

async function makeRevocations(session: AcmeSession): Promise<Revocations> {
  const issued = await issue(session, { label: 'revoked' });
  return {
    issued,
    byStranger: await revoke(session, issued, { by: await session.stranger() }),
    withUnusedReason: await revoke(session, issued, { reason: unusedReason }),
    byAccount: await revoke(session, issued),
    again: await revoke(session, issued),
  };
}
