import { createHash } from 'node:crypto';
import { inWords, succeeded } from './answer.ts';
import { type Authorization, authorizationsOf, challengeOf, decided, keyAuthorization } from './authorization.ts';
import type { DnsResponder, HttpResponder, Responders, TlsAlpnResponder } from './responders.ts';
import { type Account, type AcmeSession, type Order, UnmetNeed } from './session.ts';
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

/** The type to use for an authorization: the first that the CA offers and that can be answered here. */
export function solvableType(authorization: Authorization, responders: Responders): SolvableType {
  const answered = new Map<SolvableType, unknown>([
    ['http-01', responders.http],
    ['dns-01', responders.dns],
    ['tls-alpn-01', responders.tlsAlpn],
  ]);
  const offered = authorization.challenges.map(({ type }) => type);
  for (const [type, responder] of answered) if (responder !== null && offered.includes(type)) return type;
  throw new UnmetNeed(`nothing here answers any of the challenges that the CA offers (${offered.join(', ')})`);
}

/** The host of an authorization: its identifier's value (RFC 8555 section 7.1.4). */
export function hostOf({ object }: Authorization): string {
  const identifier = object.identifier as { readonly value?: unknown } | undefined;
  if (typeof identifier?.value === 'string') return identifier.value;
  throw new UnmetNeed('the authorization has no identifier');
}

/**
 * Answers one authorization as an honest client does and waits for the decision.
 * @param type default: the first that the CA offers and that can be answered here
 * @returns the authorization, valid or not
 */
export async function solve(
  session: AcmeSession,
  account: Account,
  authorization: Authorization,
  type: SolvableType = solvableType(authorization, session.responders),
): Promise<Authorization> {
  if (authorization.object.status === 'valid') return authorization;
  const { url, token } = challengeOf(authorization, type);
  await using _ = await present(session.responders, type, { host: hostOf(authorization), token, account });
  const answer = await session.post({ url, by: account, payload: {} });
  if (!succeeded(answer)) throw new UnmetNeed(`the CA refused the response to a challenge: ${inWords(answer)}`);
  const after = await decided(session, account, authorization.url);
  if (after.object.status === 'valid') session.rememberValid(account, after.url);
  return after;
}

/** Makes all authorizations of an order valid. @throws UnmetNeed if one is not */
export async function solveAll(session: AcmeSession, order: Order, type?: SolvableType): Promise<void> {
  const after = await Promise.all(
    (await authorizationsOf(session, order)).map((authorization) => solve(session, order.account, authorization, type)),
  );
  for (const authorization of after.filter(({ object }) => object.status !== 'valid')) {
    const errors = authorization.challenges.flatMap(({ error }) =>
      error === undefined ? [] : [JSON.stringify(error)],
    );
    throw new UnmetNeed(
      `the authorization of ${hostOf(authorization)} became ${JSON.stringify(authorization.object.status ?? null)}: ${errors.join('; ')}`,
    );
  }
}
