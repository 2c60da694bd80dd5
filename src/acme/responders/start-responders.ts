import type { Responders } from '../client/responders.ts';
import { DnsHook } from './dns-hook.ts';
import { HttpResponder } from './http-responder.ts';
import type { ListenAddress } from './listen.ts';
import { NameServer } from './name-server.ts';
import { TlsAlpnResponder } from './tls-alpn-responder.ts';

/** Which responders to start, and where they listen. */
export interface RespondersRequest {
  readonly http?: ListenAddress | undefined;
  /** For tls-alpn-01, and for HTTPS if HTTP is answered. */
  readonly tlsAlpn?: ListenAddress | undefined;
  readonly dns?: ListenAddress | undefined;
  /** The user's program for TXT records, instead of Padlock's own name server. */
  readonly dnsHook?: string | undefined;
  /** The domains of the name server. */
  readonly domains: readonly string[];
  /** The addresses of names below the domains. */
  readonly addresses: readonly string[];
}

export interface StartedResponders extends Responders, AsyncDisposable {
  readonly http: HttpResponder | null;
  readonly dns: NameServer | DnsHook | null;
  readonly tlsAlpn: TlsAlpnResponder | null;
}

/** Starts the requested responders. If one fails, none is left. @throws UserError (2) */
export async function startResponders(request: RespondersRequest): Promise<StartedResponders> {
  await using started = new AsyncDisposableStack();
  const { domains, addresses } = request;
  const http = request.http ? started.use(await HttpResponder.start(request.http)) : null;
  const tlsAlpn = request.tlsAlpn ? started.use(await TlsAlpnResponder.start({ ...request.tlsAlpn, http })) : null;
  const own = request.dns ? started.use(await NameServer.start({ ...request.dns, domains, addresses })) : null;
  const dns = own ?? (request.dnsHook === undefined ? null : new DnsHook(request.dnsHook));
  const held = started.move();
  return { http, dns, tlsAlpn, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
