import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../../error-message.ts';
import { UserError } from '../../user-error.ts';
import { jsonObject } from '../client/answer.ts';
import { serverCertificate } from '../client/self-signed-certificate.ts';
import { type HttpAnswer, type HttpRequest, NoAnswerError } from '../client/transport.ts';
import { DeviantTransport } from './deviant-transport.ts';
import type { Deviation } from './deviation.ts';
import { UpstreamTransport } from './upstream-transport.ts';

export interface DeviantServerOptions {
  readonly deviation: Deviation;
  /** The directory of the CA behind. */
  readonly upstream: string;
  /** PEM certificates to trust for it instead of the system's. */
  readonly trustedRoots?: string | undefined;
  /** A name or address of this machine to listen on, and a port; 0 for any free port. */
  readonly host: string;
  readonly port: number;
  /** Called with one sentence for each request that got no answer because of the CA behind or a bug. */
  readonly onProblem?: (problem: string) => void;
  /** Called for each request of a client. */
  readonly onRequest?: () => void;
}

export interface DeviantServer extends AsyncDisposable {
  /** The directory for clients. */
  readonly directoryUrl: string;
  /** The certificate for clients to trust, PEM. */
  readonly certificate: string;
}

const bodyLimit = 1_048_576;
const closeLimitMs = 1_000;
/** A client that waits before its next request must not meet a connection that is just being closed. */
const keepAliveMs = 600_000;

/** Header fields of one connection (RFC 9110 section 7.6.1), and those that the server sets anew. */
const hopByHop = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['content-length', 'host', 'accept-encoding', 'expect', 'date'],
]);

/**
 * Serves a CA with one deviation, over HTTPS with a new certificate. Its state is separate for each Host that clients use.
 * @throws UserError if the CA behind has no directory or its URLs bypass the server (2), or the port is in use (3)
 */
export async function startDeviantServer(options: DeviantServerOptions): Promise<DeviantServer> {
  const { deviation, upstream, host } = options;
  const transport = new UpstreamTransport({ url: upstream, trustedRoots: options.trustedRoots });
  const name = isAnyAddress(host) ? 'localhost' : host;
  const hosts = [...new Set([name, 'localhost', '127.0.0.1', '::1'])];
  const { certificate, key } = await serverCertificate('Padlock deviant ACME server', hosts);
  const conversations = new Map<string, DeviantTransport>();
  const directoryPath = new URL(upstream).pathname;
  const conversationAt = (authority: string) => {
    const directoryUrl = `https://${authority}${directoryPath}`;
    const known = conversations.get(authority) ?? new DeviantTransport({ deviation, transport, directoryUrl });
    conversations.set(authority, known);
    return known;
  };
  const problem = (text: string) => options.onProblem?.(text);
  const server = createServer({ cert: certificate, key }, (request, response) => {
    options.onRequest?.();
    void answer(request, response, (authority) => conversationAt(authority), problem);
  });
  server.keepAliveTimeout = keepAliveMs;
  try {
    const port = await listen(server, host, options.port);
    const authority = `${name.includes(':') ? `[${name}]` : name}:${port}`;
    const directoryUrl = `https://${authority}${directoryPath}`;
    await expectDirectory(transport, directoryUrl, upstream);
    return {
      directoryUrl,
      certificate,
      async [Symbol.asyncDispose]() {
        await close(server);
        await transport[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await close(server);
    await transport[Symbol.asyncDispose]();
    throw error;
  }
}

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** The CA behind must be an ACME server whose URLs lead to the proxy. */
async function expectDirectory(transport: UpstreamTransport, directoryUrl: string, upstream: string): Promise<void> {
  const headers = { 'user-agent': 'padlock (deviant server)' };
  const answer = await transport.send({ method: 'GET', url: directoryUrl, headers });
  const newNonce = jsonObject(answer)?.newNonce;
  if (answer.status !== 200 || typeof newNonce !== 'string' || !URL.canParse(newNonce)) {
    throw new UserError(
      `--upstream ${upstream} is not an ACME directory: the server answered ${answer.status} without a newNonce URL.`,
    );
  }
  const { origin } = new URL(directoryUrl);
  if (new URL(newNonce).origin !== origin) {
    throw new UserError(
      `--upstream ${upstream} cannot be proxied: its URL ${newNonce} bypasses ${origin}, because it does not build URLs from the Host header.`,
    );
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE' ? 'is already in use; choose another port' : `is not available (${cause.code})`;
      reject(new UserError(`--listen ${host}:${port} ${why}.`, { exitCode: 3, cause }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const limit = setTimeout(() => server.closeAllConnections(), closeLimitMs);
  await closed;
  clearTimeout(limit);
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  conversationAt: (authority: string) => DeviantTransport,
  onProblem: (problem: string) => void,
): Promise<void> {
  try {
    const request = await readRequest(message);
    if (request === null) {
      send(response, problemAnswer(405, 'malformed', 'only GET, HEAD and POST of at most 1 MiB are supported'));
      return;
    }
    send(response, await conversationAt(new URL(request.url).host).send(request));
  } catch (error) {
    const said = messageOf(error);
    onProblem(said);
    // If the CA behind gave no answer, the client gets none either.
    if (error instanceof NoAnswerError || response.headersSent) response.destroy();
    else send(response, problemAnswer(500, 'serverInternal', `Padlock failed: ${said}`));
  }
}

function problemAnswer(status: number, type: string, detail: string): HttpAnswer {
  const body = JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail, status });
  return { status, headers: { 'content-type': ['application/problem+json'] }, body };
}

/** Null for a request that no ACME server would understand. */
async function readRequest(message: IncomingMessage): Promise<HttpRequest | null> {
  const { method, url = '/', headers } = message;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > bodyLimit) return null;
    chunks.push(chunk);
  }
  const target = `https://${headers.host}${url}`;
  if ((method !== 'GET' && method !== 'HEAD' && method !== 'POST') || !URL.canParse(target)) return null;
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || hopByHop.has(name) ? [] : [[name, typeof value === 'string' ? value : value.join(', ')]],
  );
  return {
    method,
    url: target,
    headers: Object.fromEntries(fields),
    ...(method === 'POST' ? { body: Buffer.concat(chunks).toString('utf8') } : {}),
  };
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  for (const [name, values] of Object.entries(headers)) {
    if (!hopByHop.has(name)) response.setHeader(name, [...values]);
  }
  response.writeHead(status).end(body);
}
