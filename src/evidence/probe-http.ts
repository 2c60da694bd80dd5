import { request as http1Request } from 'node:http';
import { connect as http2Connect } from 'node:http2';
import { isIPv6 } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { HttpProbe } from './evidence.ts';
import type { HttpProbeRequest } from './probe-protocol.ts';

const bodyLimit = 4096;

type Answer = Extract<HttpProbe['outcome'], { status: number }>;

/** Sends one GET as a browser on the internet would: HTTP/2 or 1.1 as ALPN decides, no redirect followed. */
export async function probeHttp(request: HttpProbeRequest): Promise<HttpProbe> {
  const { name, url, address, trust } = request;
  const at = new Date();
  const started = performance.now();
  const outcome = await get(request).catch((error: NodeJS.ErrnoException) => ({
    error: error.message,
    code: error.code ?? null,
  }));
  return {
    kind: 'http',
    name,
    at: at.toISOString(),
    durationMs: performance.now() - started,
    url,
    address,
    trust,
    outcome,
  };
}

async function get({ url, address, roots, withinMs }: HttpProbeRequest): Promise<Answer> {
  const target = new URL(url);
  const limit = AbortSignal.timeout(withinMs);
  const timedOut = new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () =>
      reject(Object.assign(new Error(`no answer within ${withinMs} ms`), { code: 'PROBE_TIMEOUT' })),
    );
  });
  if (target.protocol === 'http:') return Promise.race([overHttp1(target, address, null), timedOut]);
  const socket = await Promise.race([handshake(target, address, roots), timedOut]);
  try {
    const exchange = socket.alpnProtocol === 'h2' ? overHttp2(target, socket) : overHttp1(target, address, socket);
    return await Promise.race([exchange, timedOut]);
  } finally {
    socket.destroy();
  }
}

function handshake(target: URL, address: string, roots: readonly string[]): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect(
      {
        host: address,
        port: Number(target.port || 443),
        servername: target.hostname,
        ca: [...roots],
        ALPNProtocols: ['h2', 'http/1.1'],
      },
      () => resolve(socket),
    );
    socket.on('error', reject);
  });
}

function overHttp1(target: URL, address: string, socket: TLSSocket | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = http1Request(
      {
        host: address,
        port: Number(target.port || 80),
        family: isIPv6(address) ? 6 : 4,
        path: `${target.pathname}${target.search}`,
        headers: { host: target.host, 'user-agent': 'padlock-probe' },
        agent: false,
        ...(socket ? { createConnection: () => socket } : {}),
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          if (body.length < bodyLimit) body += text;
        });
        response.on('error', reject);
        response.on('end', () => {
          const headers = Object.fromEntries(
            Object.entries(response.headers).map(([key, value]) => [key, String(value)]),
          );
          resolve({ status: response.statusCode ?? 0, httpVersion: '1.1', headers, body: body.slice(0, bodyLimit) });
        });
      },
    );
    call.on('error', reject);
    call.end();
  });
}

function overHttp2(target: URL, socket: TLSSocket): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const session = http2Connect(target, { createConnection: () => socket });
    session.on('error', reject);
    const stream = session.request({
      ':path': `${target.pathname}${target.search}`,
      ':authority': target.host,
      'user-agent': 'padlock-probe',
    });
    let status = 0;
    let headers: Record<string, string> = {};
    let body = '';
    stream.on('response', (received) => {
      status = Number(received[':status']);
      headers = Object.fromEntries(
        Object.entries(received).flatMap(([key, value]) => (key.startsWith(':') ? [] : [[key, String(value)]])),
      );
    });
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (body.length < bodyLimit) body += text;
    });
    stream.on('error', reject);
    stream.on('end', () => {
      session.close();
      resolve({ status, httpVersion: '2', headers, body: body.slice(0, bodyLimit) });
    });
    stream.end();
  });
}
