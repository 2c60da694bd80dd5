import { isIP } from 'node:net';
import { createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls';
import type {
  TlsAlpnResponder as Responder,
  SeenHello,
  SeenTlsConnection,
  TlsPresentation,
} from '../client/responders.ts';
import { selfSignedCertificate } from '../client/self-signed-certificate.ts';
import type { HttpResponder } from './http-responder.ts';
import { close, type ListenAddress, listen } from './listen.ts';
import { reverseName } from './reverse-name.ts';

const acmeTls = 'acme-tls/1';
const http11 = 'http/1.1';
/** By RFC 8555 section 8.3 a CA follows redirects even to untrusted servers. */
const untrusted = { commonName: 'padlock untrusted', hosts: ['untrusted.invalid'], days: 1 } as const;

/** Where it listens, and how it treats connections that are not for tls-alpn-01. */
export interface TlsAlpnResponderOptions extends ListenAddress {
  /** Gets them as HTTPS; null to close them. */
  readonly http: HttpResponder | null;
}

/**
 * Answers tls-alpn-01 by server name. It does not agree on acme-tls/1 for a name without a presentation. CAs use the same port
 * for HTTPS, to which an http-01 challenge may be redirected: there it presents an untrusted certificate.
 */
export class TlsAlpnResponder implements Responder, AsyncDisposable {
  port = 0;
  readonly #presentations = new Map<string, TlsPresentation>();
  readonly #hellos: SeenHello[] = [];
  readonly #connections: SeenTlsConnection[] = [];
  readonly #server: Server;

  private constructor({ certificate, key }: TlsPresentation, http: HttpResponder | null) {
    this.#server = createServer({
      ...{ cert: certificate, key },
      SNICallback: (serverName, done) => {
        const presentation = this.#presentations.get(serverName.toLowerCase());
        if (presentation === undefined) done(null);
        else done(null, createSecureContext({ cert: presentation.certificate, key: presentation.key }));
      },
      ALPNCallback: ({ servername, protocols }) => {
        // It is false for an https URL with an IP address, which the types do not say.
        const serverName = typeof servername === 'string' ? servername.toLowerCase() : '';
        this.#hellos.push({ at: new Date(), serverName, protocols });
        const presentation = this.#presentations.get(serverName);
        const offered = presentation === undefined ? [http11] : (presentation.protocols ?? [acmeTls]);
        return protocols.find((protocol) => offered.includes(protocol));
      },
    });
    // Some checks cause failed handshakes.
    this.#server.on('tlsClientError', () => {});
    this.#server.on('secureConnection', (socket) => {
      socket.on('error', () => socket.destroy());
      if (socket.alpnProtocol === acmeTls) this.#watch(socket);
      else if (http === null) socket.destroy();
      else http.accept(socket);
    });
  }

  /** @throws UserError (2) if it cannot listen */
  static async start({ http, ...where }: TlsAlpnResponderOptions): Promise<TlsAlpnResponder> {
    const responder = new TlsAlpnResponder(await selfSignedCertificate(untrusted), http);
    responder.port = await listen(responder.#server, 'TLS responder', where);
    if (http !== null) http.tlsPort = responder.port;
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

  connections(host: string): readonly SeenTlsConnection[] {
    const serverName = serverNameOf(host);
    return this.#connections.filter((connection) => connection.serverName === serverName);
  }

  /** RFC 8737 section 4: it is for the CA to end the connection. */
  #watch(socket: TLSSocket & { readonly servername?: unknown }): void {
    const { servername } = socket;
    const seen = {
      at: new Date(),
      serverName: typeof servername === 'string' ? servername.toLowerCase() : '',
      from: socket.remoteAddress ?? '',
      received: 0,
      isClosed: false,
    };
    this.#connections.push(seen);
    socket.on('data', (data) => {
      seen.received += data.length;
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        seen.isClosed = true;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#server);
  }
}

/** The SNI of a CA: for an IP address its reverse mapping (RFC 8738 section 6). */
function serverNameOf(host: string): string {
  return (isIP(host) === 0 ? host : reverseName(host)).toLowerCase();
}
