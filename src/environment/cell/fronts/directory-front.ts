/**
 * Stands before an ACME server outside, under its name and with its certificate, and passes everything on until it is told to fail.
 * The server behind gets the Host header of the front, from which it builds its URLs.
 */
import type { request as ask, IncomingMessage, RequestOptions, ServerResponse } from 'node:http';
import { Agent, request as askOverTls, createServer } from 'node:https';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { DirectoryFailure } from '../../server-failure.ts';
import { directoryFailureLine, directoryFrontSchema, type FrontEvent } from './front-protocol.ts';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { port, upstreamPort, identities } = directoryFrontSchema.parse(JSON.parse((await lines.next()).value ?? '{}'));
// The server behind is a process beside this one, on loopback.
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
const sockets = new Set<Socket>();
let failure: DirectoryFailure | null = null;

/** As a server's log: the time and the request. */
function kept({ method, url }: IncomingMessage, why: string): void {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('/');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  tell({ event: 'kept', line: `Front ${day} ${time} ${method} ${url} -> ${why}` });
}

function tell(event: FrontEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function upstream(
  { method, url, headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  body: Buffer,
): Promise<{ readonly answer: IncomingMessage; readonly body: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options: RequestOptions = { host: '127.0.0.1', port: upstreamPort, method, path: url, headers, agent };
  const call: ReturnType<typeof ask> = askOverTls(options, resolve);
  call.once('error', reject);
  call.end(body);
  const answer = await promise;
  return { answer, body: await buffer(answer) };
}

/** Everything of the server's answer but what belongs to its connection. */
function headersOf({ headers }: IncomingMessage): Record<string, string | string[]> {
  const left = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !['connection', 'content-length', 'transfer-encoding'].includes(name),
  );
  return Object.fromEntries(left) as Record<string, string | string[]>;
}

/** TLS has no reset: it is the TCP connection below that is reset. */
function reset(clientPort: number | undefined): void {
  for (const socket of sockets) if (socket.remotePort === clientPort) socket.resetAndDestroy();
}

/** An order that is valid, told as one that is not ready yet. */
function processing(body: Buffer): Buffer {
  try {
    const order = JSON.parse(body.toString()) as Record<string, unknown>;
    if (order.status !== 'valid' || !('finalize' in order)) return body;
    const { certificate: _, ...rest } = order;
    return Buffer.from(JSON.stringify({ ...rest, status: 'processing' }));
  } catch {
    return body;
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const how = failure;
  const body = await buffer(request);
  if (how?.kind === 'silent') return kept(request, 'no answer');
  if (how?.kind === 'status' && (how.below === undefined || request.url?.startsWith(how.below) === true)) {
    const { status, problem, retryAfterSeconds } = how;
    kept(request, String(status));
    if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
    if (problem === undefined) {
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html><body>out of order</body></html>');
      return;
    }
    const type = `urn:ietf:params:acme:error:${problem}`;
    response
      .writeHead(status, { 'content-type': 'application/problem+json' })
      .end(JSON.stringify({ type, detail: 'made by Padlock', status }));
    return;
  }
  if (how?.kind === 'bad-nonce' && request.method === 'POST') {
    const fresh = await upstream(
      { method: 'HEAD', url: '/nonce-plz', headers: { host: request.headers.host } },
      Buffer.alloc(0),
    );
    kept(request, 'badNonce');
    response
      .writeHead(400, {
        'content-type': 'application/problem+json',
        'replay-nonce': fresh.answer.headers['replay-nonce'] ?? '',
      })
      .end(JSON.stringify({ type: 'urn:ietf:params:acme:error:badNonce', detail: 'made by Padlock', status: 400 }));
    return;
  }
  const passed = await upstream(request, body);
  if (how?.kind === 'slow') await delay(how.delayMs);
  const content = how?.kind === 'processing' ? processing(passed.body) : passed.body;
  const status = passed.answer.statusCode ?? 500;
  if (how?.kind === 'retry-after' && request.url?.startsWith(how.below) === true) {
    kept(request, `${status}, Retry-After: ${how.seconds}`);
    passed.answer.headers['retry-after'] = String(how.seconds);
  }
  if (how?.kind === 'reset' && content.length > 1) {
    response.writeHead(status, { ...headersOf(passed.answer), 'content-length': String(content.length) });
    response.write(content.subarray(0, Math.floor(content.length / 2)), () => reset(request.socket.remotePort));
    return;
  }
  response.writeHead(status, {
    ...headersOf(passed.answer),
    ...(request.method === 'HEAD' ? {} : { 'content-length': String(content.length) }),
  });
  response.end(request.method === 'HEAD' ? undefined : content);
}

const tls = ({ certificate, key }: { certificate: string; key: string }) => ({ cert: certificate, key });
const server = createServer(tls(identities.good), (request, response) => {
  // A client that went away, or a server behind that gives no answer: the client gets none either.
  answer(request, response).catch(() => response.destroy());
});
server.on('connection', (socket: Socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});
const listen = () => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, '0.0.0.0', resolve);
  return promise;
};

await listen();
tell({ event: 'ready' });
for await (const line of lines) {
  failure = directoryFailureLine.parse(JSON.parse(line));
  const identity = failure?.kind === 'certificate' ? identities[failure.is] : identities.good;
  server.setSecureContext(tls(identity));
  // Clients that were connected before meet what new ones do.
  for (const socket of sockets) socket.destroy();
  if (failure?.kind === 'refused') await new Promise((resolve) => server.close(resolve));
  else if (!server.listening) await listen();
  tell({ event: 'set' });
}
process.exit(0);
