import { createHash } from 'node:crypto';
import { type Authorization, keyAuthorization } from './authorization.ts';
import type { DnsResponder, HttpResponder, Responders, TlsAlpnResponder } from './responders.ts';
import { type Account, UnmetNeed } from './session.ts';
import { acmeIdentifierCertificate } from './tls-alpn-certificate.ts';

export type SolvableType = 'http-01' | 'dns-01' | 'tls-alpn-01';

/** The TXT record's value (RFC 8555 section 8.4). */
export function dns01Value(token: string, account: Account): string {
  return createHash('sha256').update(keyAuthorization(token, account)).digest('base64url');
}

/** Puts the right answer to a challenge where the CA looks for it. Its disposal removes it. */
export async function present(
  responders: Responders,
  type: SolvableType,
  { host, token, account }: { readonly host: string; readonly token: string; readonly account: Account },
): Promise<AsyncDisposable> {
  if (type === 'http-01') {
    const path = `/.well-known/acme-challenge/${token}`;
    const body = keyAuthorization(token, account);
    const put = need(responders.http, type, '--http-port').put(host, path, { status: 200, body });
    return { [Symbol.asyncDispose]: async () => put[Symbol.dispose]() };
  }
  if (type === 'dns-01') {
    const dns = need(responders.dns, type, '--dns or --dns-hook');
    return dns.set(`_acme-challenge.${host}`, 'TXT', [dns01Value(token, account)]);
  }
  const tls = need(responders.tlsAlpn, type, '--tls-port');
  const put = tls.put(host, await acmeIdentifierCertificate(host, keyAuthorization(token, account)));
  return { [Symbol.asyncDispose]: async () => put[Symbol.dispose]() };
}

/** @throws UnmetNeed if the responder does not run */
export function need<Responder extends HttpResponder | DnsResponder | TlsAlpnResponder>(
  responder: Responder | null,
  type: string,
  option: string,
): Responder {
  if (responder === null) throw new UnmetNeed(`nothing answers ${type} challenges: give ${option}`);
  return responder;
}

/** The host of an authorization: its identifier's value (RFC 8555 section 7.1.4). */
export function hostOf({ object }: Authorization): string {
  const identifier = object.identifier as { readonly value?: unknown } | undefined;
  if (typeof identifier?.value === 'string') return identifier.value;
  throw new UnmetNeed('the authorization has no identifier');
}
