import { createSecureContext, type SecureContext } from 'node:tls';
import { certificateFacts } from '../certificate-facts.ts';
import type { CertificateFacts, TlsSeriesProbe } from '../evidence.ts';
import { isFailure, outcomeRuns } from './outcome-runs.ts';
import { certificatesSentBy, fingerprintSha256, shakeHands } from './probe-handshake.ts';
import { type Attempt, elapsedMs, type Observation, observe } from './probe-observation.ts';
import type { TlsSeriesRequest } from './probe-protocol.ts';
import { startEvery } from './start-every.ts';

interface Served {
  fingerprintSha256: string;
}

/**
 * Makes a new connection every so many milliseconds, each a full handshake that refuses a server it does not trust: what a
 * renewal, a restart or an outage looks like to those who connect meanwhile. The connections do not wait for each other.
 *
 * @param ended ends the series; connections under way then are still awaited
 */
export async function probeTlsSeries(request: TlsSeriesRequest, ended: AbortSignal): Promise<TlsSeriesProbe> {
  const { name, address, port, serverName, trust, roots, intervalMs } = request;
  const at = new Date().toISOString();
  const started = performance.now();
  const leaves = new Map<string, CertificateFacts>();
  // Once: to read the roots again for each connection would take longer than the handshake.
  const secureContext = createSecureContext({ ca: [...roots] });
  const connect = () => observe(request.withinMs, (attempt) => leafOf(request, { secureContext, leaves, attempt }));
  const connections: Promise<Observation<Served>>[] = [];
  const starts: number[] = [];
  await startEvery(request, ended, () => {
    starts.push(performance.now());
    connections.push(connect());
  });
  const seen = await Promise.all(connections);
  const succeeded = seen.flatMap(({ durationMs, outcome }) => (isFailure(outcome) ? [] : [durationMs]));
  return {
    kind: 'tls-series',
    name,
    at,
    durationMs: elapsedMs(started),
    address,
    port,
    serverName,
    trust,
    intervalMs,
    outcome: {
      connections: seen.length,
      failed: seen.length - succeeded.length,
      longestPauseMs: longestPause(starts),
      handshakeMs: distribution(succeeded),
      leaves: [...leaves.values()],
      runs: outcomeRuns(seen, (served) => served.fingerprintSha256),
    },
  };
}

async function leafOf(
  request: TlsSeriesRequest,
  {
    secureContext,
    leaves,
    attempt,
  }: { secureContext: SecureContext; leaves: Map<string, CertificateFacts>; attempt: Attempt },
): Promise<Served> {
  const { socket } = await shakeHands({ ...request, refuseUntrusted: true, secureContext }, attempt);
  const [leaf] = certificatesSentBy(socket);
  if (leaf === undefined) throw new Error('the server presented no certificate');
  const fingerprint = fingerprintSha256(leaf);
  if (!leaves.has(fingerprint)) leaves.set(fingerprint, certificateFacts(leaf.raw));
  return { fingerprintSha256: fingerprint };
}

function longestPause(starts: readonly number[]): number {
  const pauses = starts.slice(1).map((start, index) => start - (starts[index] ?? start));
  return Math.round(pauses.reduce((longest, pause) => Math.max(longest, pause), 0) * 10) / 10;
}

function distribution(durations: readonly number[]): TlsSeriesProbe['outcome']['handshakeMs'] {
  const sorted = durations.toSorted((one, other) => one - other);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return sorted.length === 0 ? null : { median: at(0.5), p99: at(0.99), longest: at(1) };
}
