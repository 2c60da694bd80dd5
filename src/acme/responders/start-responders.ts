import { DnsHook } from './dns-hook.ts';
import { HttpResponder } from './http-responder.ts';
import type { ListenAddress } from './listen.ts';
import { NameServer } from './name-server.ts';
import type { Responders } from './responders.ts';
import { TlsAlpnResponder } from './tls-alpn-responder.ts';

/** What is to answer challenges, and where. */
export interface RespondersRequest {
  readonly http?: ListenAddress | undefined;
  /** For tls-alpn-01, and for HTTPS where there is HTTP. */
  readonly tlsAlpn?: ListenAddress | undefined;
  readonly dns?: ListenAddress | undefined;
  /** The user's program for TXT records, where the probe's own name server is not to answer. */
  readonly dnsHook?: string | undefined;
  /** What the name server is authoritative for. */
  readonly domains: readonly string[];
  /** Where names below the domains lead. */
  readonly addresses: readonly string[];
}

export interface StartedResponders extends Responders, AsyncDisposable {
  readonly http: HttpResponder | null;
  readonly dns: NameServer | DnsHook | null;
  readonly tlsAlpn: TlsAlpnResponder | null;
}

/** Starts all that was asked for; where one cannot, none is left. @throws UserError (2) */
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
