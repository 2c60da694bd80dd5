import { isIP } from 'node:net';
import { createSecureContext, createServer, type Server } from 'node:tls';
import type { TlsAlpnResponder as Responder, SeenHello, TlsPresentation } from '../responders.ts';
import { close, type ListenAddress, listen } from './listen.ts';
import { reverseName } from './reverse-name.ts';

const acmeTls = 'acme-tls/1';

/** Answers tls-alpn-01 by server name; for a name that nothing was put for the handshake fails. */
export class TlsAlpnResponder implements Responder, AsyncDisposable {
  port = 0;
  readonly #presentations = new Map<string, TlsPresentation>();
  readonly #hellos: SeenHello[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer({
      SNICallback: (serverName, done) => {
        const presentation = this.#presentations.get(serverName.toLowerCase());
        if (presentation === undefined) done(new Error(`nothing is presented for ${serverName}`));
        else done(null, createSecureContext({ cert: presentation.certificate, key: presentation.key }));
      },
      ALPNCallback: ({ servername, protocols }) => {
        const serverName = servername.toLowerCase();
        this.#hellos.push({ at: new Date(), serverName, protocols });
        const offered = this.#presentations.get(serverName)?.protocols ?? [acmeTls];
        return protocols.find((protocol) => offered.includes(protocol));
      },
    });
    // A handshake that fails is what some checks are about.
    this.#server.on('tlsClientError', () => {});
    this.#server.on('secureConnection', (socket) => {
      socket.on('error', () => socket.destroy());
      socket.resume();
    });
  }

  /** @throws UserError (2) where it cannot listen */
  static async start(where: ListenAddress): Promise<TlsAlpnResponder> {
    const responder = new TlsAlpnResponder();
    responder.port = await listen(responder.#server, 'TLS responder', where);
    return responder;
  }

  put(host: string, presentation: TlsPresentation): Disposable {
    const serverName = serverNameOf(host);
    this.#presentations.set(serverName, presentation);
    return { [Symbol.dispose]: () => void this.#presentations.delete(serverName) };
  }

  hellos(host: string): readonly SeenHello[] {
    const serverName = serverNameOf(host);
    return this.#hellos.filter((hello) => hello.serverName === serverName);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#server);
  }
}

/** What a CA sends as SNI: of an IP address its reverse mapping (RFC 8738 section 6). */
function serverNameOf(host: string): string {
  return (isIP(host) === 0 ? host : reverseName(host)).toLowerCase();
}
