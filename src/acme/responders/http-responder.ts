import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { HttpReply, HttpResponder as Responder, SeenRequest } from '../client/responders.ts';
import { close, type ListenAddress, listen } from './listen.ts';

/** Answers http-01 and any other path that a check sets. */
export class HttpResponder implements Responder, AsyncDisposable {
  port = 0;
  tlsPort: number | null = null;
  readonly #replies = new Map<string, HttpReply>();
  readonly #requests: SeenRequest[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** @throws UserError (2) if it cannot listen */
  static async start(where: ListenAddress): Promise<HttpResponder> {
    const responder = new HttpResponder();
    responder.port = await listen(responder.#server, 'HTTP responder', where);
    return responder;
  }

  /** Speaks HTTP on a TLS connection that another server accepted. */
  accept(connection: TLSSocket): void {
    this.#server.emit('connection', connection);
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
    await close(this.#server);
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

/** The host of a Host header, without a port and without the brackets of an IPv6 address. */
function hostOf(header: string): string {
  const url = URL.parse(`http://${header}`);
  return (url?.hostname ?? header).toLowerCase().replace(/^\[(.*)\]$/, '$1');
}
