import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { HttpReply, HttpResponder as Responder, SeenRequest } from '../responders.ts';
import { close, type ListenAddress, listen } from './listen.ts';
import { untrustedCertificate } from './untrusted-certificate.ts';

export interface HttpResponderOptions extends ListenAddress {
  /** Where it listens for TLS as well, with a certificate that nobody trusts; null for nowhere. */
  readonly tls: ListenAddress | null;
}

/** Answers http-01, and whatever else a check puts at a path. */
export class HttpResponder implements Responder, AsyncDisposable {
  port = 0;
  tlsPort: number | null = null;
  readonly #replies = new Map<string, HttpReply>();
  readonly #requests: SeenRequest[] = [];
  readonly #servers: Server[] = [];

  private constructor() {}

  /** @throws UserError (2) where it cannot listen */
  static async start({ tls, ...where }: HttpResponderOptions): Promise<HttpResponder> {
    const responder = new HttpResponder();
    const answer = (request: IncomingMessage, response: ServerResponse) => responder.#answer(request, response);
    const plain = createHttpServer(answer);
    responder.#servers.push(plain);
    responder.port = await listen(plain, 'HTTP responder', where);
    if (tls === null) return responder;
    try {
      const { certificate, key } = await untrustedCertificate();
      const secure = createHttpsServer({ cert: certificate, key }, answer);
      responder.#servers.push(secure);
      responder.tlsPort = await listen(secure, 'HTTPS responder', tls);
      return responder;
    } catch (error) {
      await close(plain);
      throw error;
    }
  }

  put(host: string, path: string, reply: HttpReply): Disposable {
    const key = keyOf(host, path);
    this.#replies.set(key, reply);
    return { [Symbol.dispose]: () => void this.#replies.delete(key) };
  }

  requests(host: string): readonly SeenRequest[] {
    const wanted = host.toLowerCase();
    return this.#requests.filter((request) => request.host === wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map(close));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const host = hostOf(request.headers.host ?? '');
    const path = request.url ?? '/';
    this.#requests.push({
      ...{ at: new Date(), host, path },
      userAgent: request.headers['user-agent'] ?? null,
      from: request.socket.remoteAddress ?? '',
      isTls: (request.socket as Partial<TLSSocket>).encrypted === true,
    });
    const reply = this.#replies.get(keyOf(host, path)) ?? { status: 404, body: 'nothing is here\n' };
    response.writeHead(reply.status, { 'content-type': 'text/plain', ...reply.headers });
    response.end(reply.body);
  }
}

function keyOf(host: string, path: string): string {
  return `${host.toLowerCase()} ${path}`;
}

/** Of a Host header, without a port and without the brackets of an IPv6 address. */
function hostOf(header: string): string {
  const url = URL.parse(`http://${header}`);
  return (url?.hostname ?? header).toLowerCase().replace(/^\[(.*)\]$/, '$1');
}
