import { setInterval } from 'node:timers/promises';
import type { TlsConnection, TlsSeriesProbe } from './probe-answer.ts';
import { certificatesSentBy, fingerprintSha256, shakeHands } from './probe-handshake.ts';
import { type Attempt, elapsedMs, observe } from './probe-observation.ts';
import type { TlsSeriesRequest } from './probe-protocol.ts';

/**
 * Makes a new connection every so many milliseconds and notes the leaf each one met: what a renewal looks like to those
 * who connect meanwhile. The connections do not wait for each other, and trust is not judged.
 */
export async function probeTlsSeries(request: TlsSeriesRequest): Promise<TlsSeriesProbe> {
  const { name, address, port, serverName, intervalMs, durationMs: plannedMs } = request;
  const at = new Date().toISOString();
  const started = performance.now();
  const connections = [connectOnce(request)];
  const planned = Math.ceil(plannedMs / intervalMs);
  if (planned > 1) {
    for await (const _ of setInterval(intervalMs)) if (connections.push(connectOnce(request)) >= planned) break;
  }
  const outcome = { connections: await Promise.all(connections) };
  return {
    kind: 'tls-series',
    name,
    at,
    durationMs: elapsedMs(started),
    address,
    port,
    serverName,
    intervalMs,
    outcome,
  };
}

async function connectOnce(request: TlsSeriesRequest): Promise<TlsConnection> {
  const { at, outcome } = await observe(request.withinMs, (attempt) => leafOf(request, attempt));
  return { at, ...outcome };
}

async function leafOf(request: TlsSeriesRequest, attempt: Attempt): Promise<{ fingerprintSha256: string }> {
  const { socket } = await shakeHands({ ...request, roots: [], refuseUntrusted: false }, attempt);
  const [leaf] = certificatesSentBy(socket);
  if (leaf === undefined) throw new Error('the server presented no certificate');
  return { fingerprintSha256: fingerprintSha256(leaf) };
}
