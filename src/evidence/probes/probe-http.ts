import { request as http1Request, type IncomingMessage } from 'node:http';
import { connect as http2Connect } from 'node:http2';
import { connect as tcpConnect } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import type { HttpProbe } from '../evidence.ts';
import { probeUserAgent } from '../probe-names.ts';
import { resolveAddress } from './probe-dns.ts';
import { shakeHands } from './probe-handshake.ts';
import { type Attempt, observe, withCode } from './probe-observation.ts';
import type { HttpProbeRequest } from './probe-protocol.ts';

const bodyLimit = 4096;

type Answer = Extract<HttpProbe['outcome'], { status: number }>;

/**
 * Sends one GET on a new connection as a browser outside the cluster would: HTTP/2 or 1.1 as ALPN decides, no redirect
 * followed. The answer is complete at 4096 characters of the body, whatever the server sends on.
 */
export async function probeHttp(request: HttpProbeRequest): Promise<HttpProbe> {
  const { name, url, trust, withinMs, serverName } = request;
  let address = request.address ?? '';
  const { at, durationMs, outcome } = await observe(withinMs, async (attempt) => {
    const target = new URL(url);
    address ||= await resolveAddress(hostOf(target), request.resolver ?? '', withinMs, attempt);
    return get(target, address, request, attempt);
  });
  return {
    kind: 'http',
    name,
    at,
    durationMs,
    url,
    address,
    trust,
    ...(serverName === undefined ? {} : { serverName }),
    outcome,
  };
}

async function get(target: URL, address: string, request: HttpProbeRequest, attempt: Attempt): Promise<Answer> {
  const headers = { 'user-agent': probeUserAgent, ...request.headers };
  if (target.protocol === 'http:') {
    const port = Number(target.port || 80);
    const socket = tcpConnect({ host: address, port });
    attempt.lastSeen = `no TCP connection to ${address} port ${port} yet`;
    socket.on('connect', () => {
      attempt.lastSeen = `a TCP connection to ${address} port ${port}, but no response`;
    });
    return overHttp1(target, headers, socket, attempt);
  }
  const port = Number(target.port || 443);
  const { socket } = await shakeHands(
    { address, port, serverName: request.serverName ?? hostOf(target), roots: request.roots, refuseUntrusted: true },
    attempt,
  );
  attempt.lastSeen = `a TLS handshake with ${address} port ${port}, but no response`;
  return socket.alpnProtocol === 'h2'
    ? overHttp2(target, headers, socket, attempt)
    : overHttp1(target, headers, socket, attempt);
}

async function overHttp1(
  target: URL,
  headers: Record<string, string>,
  socket: Duplex,
  attempt: Attempt,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const call = http1Request(
    // No `agent`, not even `false`: an agent would ignore createConnection and dial by itself.
    { path: pathOf(target), headers: { host: target.host, ...headers }, createConnection: () => socket },
    resolve,
  );
  attempt.opened.defer(() => call.destroy());
  for (const part of [socket, call]) part.on('error', reject);
  call.end();
  const response = await promise;
  if (response.httpVersion !== '1.1') throw new Error(`the server answered in HTTP/${response.httpVersion}`);
  return {
    status: response.statusCode ?? 0,
    httpVersion: '1.1',
    headers: recordOf(response.headers),
    body: await bodyOf(response, attempt),
  };
}

async function overHttp2(
  target: URL,
  headers: Record<string, string>,
  socket: Duplex,
  attempt: Attempt,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  const session = http2Connect(target, { createConnection: () => socket });
  attempt.opened.defer(() => session.destroy());
  session.on('error', reject);
  const stream = session.request({ ':path': pathOf(target), ':authority': target.host, ...headers });
  stream.on('error', reject);
  stream.on('close', () => reject(new Error('the server closed the HTTP/2 stream without a response')));
  stream.on('response', resolve);
  const received = await promise;
  return {
    status: Number(received[':status']),
    httpVersion: '2',
    headers: recordOf(received),
    body: await bodyOf(stream, attempt),
  };
}

async function bodyOf(response: Readable, attempt: Attempt): Promise<string> {
  attempt.lastSeen = 'the head of the response, but no end of its body';
  let body = '';
  response.setEncoding('utf8');
  for await (const text of response) {
    body += String(text);
    if (body.length >= bodyLimit) return body.slice(0, bodyLimit);
  }
  // An HTTP/2 stream that is cancelled, or whose connection closes, stops without an error and without an end.
  if (!response.readableEnded) throw withCode('the connection was closed before the end of the body', 'ECONNRESET');
  return body;
}

function recordOf(headers: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([key, value]) => (key.startsWith(':') ? [] : [[key, String(value)]])),
  );
}

function pathOf(target: URL): string {
  return `${target.pathname}${target.search}`;
}

/** The host without the brackets that a URL puts around an IPv6 address. */
function hostOf(target: URL): string {
  return target.hostname.replace(/^\[|\]$/g, '');
}
