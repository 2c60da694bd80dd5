import { type ClientHttp2Session, constants, connect as http2Connect } from 'node:http2';
import { certificateFacts } from '../certificate-facts.ts';
import type { OpenConnectionProbe } from '../evidence.ts';
import { probeUserAgent } from '../probe-names.ts';
import { outcomeRuns } from './outcome-runs.ts';
import { certificatesSentBy, shakeHands } from './probe-handshake.ts';
import { type Attempt, elapsedMs, failureOf, type Observation, observe, withCode } from './probe-observation.ts';
import type { OpenConnectionRequest } from './probe-protocol.ts';
import { startEvery } from './start-every.ts';

type Opened = Extract<OpenConnectionProbe['outcome'], { runs: unknown }>;

/**
 * Opens one HTTP/2 connection and sends a GET on it every so many milliseconds: what a renewal looks like to clients that stay
 * connected. It sends nothing more once the server has ended the connection (RFC 9113 section 6.8, or a closed socket).
 *
 * @param ended ends the probe; requests under way then are still awaited
 */
export async function probeOpenConnection(
  request: OpenConnectionRequest,
  ended: AbortSignal,
): Promise<OpenConnectionProbe> {
  const { name, url, address, trust, intervalMs } = request;
  const at = new Date().toISOString();
  const started = performance.now();
  using opened = new DisposableStack();
  const outcome = await keepOpen(request, ended, { lastSeen: 'nothing', opened }).catch(failureOf);
  return {
    kind: 'open-connection',
    name,
    at,
    durationMs: elapsedMs(started),
    url,
    address,
    trust,
    intervalMs,
    outcome,
  };
}

async function keepOpen(request: OpenConnectionRequest, ended: AbortSignal, connection: Attempt): Promise<Opened> {
  const target = new URL(request.url);
  const { socket } = await observeOpening(request, target, connection);
  const [leaf] = certificatesSentBy(socket);
  if (leaf === undefined) throw new Error('the server presented no certificate');
  if (socket.alpnProtocol !== 'h2') throw new Error(`the server chose ${socket.alpnProtocol || 'no ALPN'}, not h2`);
  const session = http2Connect(target, { createConnection: () => socket });
  connection.opened.defer(() => session.destroy());
  let closed: Opened['closed'] = null;
  const over = new AbortController();
  const end = (how: string) => {
    if (closed === null && !ended.aborted) closed = { at: new Date().toISOString(), how };
    over.abort();
  };
  session.on('goaway', (code) => end(`GOAWAY with error code ${code}`));
  session.on('error', (error: Error) => end(error.message));
  session.on('close', () => end('the connection was closed'));
  const requests: Promise<Observation<{ status: number }>>[] = [];
  await startEvery(request, AbortSignal.any([ended, over.signal]), () => {
    requests.push(observe(request.withinMs, (attempt) => statusOf(session, target, attempt)));
  });
  const seen = await Promise.all(requests);
  const runs = outcomeRuns(seen, ({ status }) => status);
  return {
    httpVersion: '2',
    leaf: certificateFacts(leaf.raw),
    requests: seen.length,
    failed: seen.filter(({ outcome }) => 'error' in outcome).length,
    runs,
    closed,
  };
}

/** The handshake within the limit of one request; the connection stays open after it. */
async function observeOpening(request: OpenConnectionRequest, target: URL, connection: Attempt) {
  const { address, roots, withinMs } = request;
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(withCode(`no connection within ${withinMs} ms; last seen: ${connection.lastSeen}`, 'PROBE_TIMEOUT')),
    withinMs,
  );
  try {
    const shaking = shakeHands(
      {
        address,
        port: Number(target.port || 443),
        serverName: target.hostname,
        roots: [...roots],
        refuseUntrusted: true,
      },
      connection,
    );
    return await Promise.race([shaking, over]);
  } finally {
    clearTimeout(timer);
  }
}

async function statusOf(session: ClientHttp2Session, target: URL, attempt: Attempt): Promise<{ status: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  attempt.lastSeen = 'a request on the open connection, but no response';
  const stream = session.request({
    ':path': `${target.pathname}${target.search}`,
    ':authority': target.host,
    'user-agent': probeUserAgent,
  });
  attempt.opened.defer(() => stream.close(constants.NGHTTP2_CANCEL));
  let status = 0;
  stream.on('response', (headers) => {
    status = Number(headers[':status']);
    attempt.lastSeen = 'the head of the response, but no end of its body';
  });
  stream.on('end', () => (status === 0 ? reject(new Error('the stream ended without a response')) : resolve(status)));
  stream.on('error', reject);
  stream.on('close', () => reject(withCode('the connection was closed before the end of the body', 'ECONNRESET')));
  stream.resume();
  return { status: await promise };
}
