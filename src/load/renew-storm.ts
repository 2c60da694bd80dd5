import { runLabel } from '../environment/run-label.ts';
import type { ProbeClient } from '../evidence/probes/probe-client.ts';
import { forEachConcurrently } from '../kube/bounded-concurrency.ts';
import { certificateResource } from '../kube/cert-manager-objects.ts';
import type { KubeClient } from '../kube/client.ts';
import { conditionsOf } from '../kube/conditions.ts';
import { issueAgain } from '../kube/issue-again.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { hostAt, type LoadPlan } from './load-plan.ts';
import type { LoadReport } from './load-report.ts';

interface StormRequest {
  readonly plan: LoadPlan;
  readonly kube: KubeClient;
  readonly probes: Pick<ProbeClient, 'tlsSeries'>;
  readonly address: string;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

const mostWatchedHosts = 20;
const intervalMs = 500;
const seriesMs = 5_000;
const requestsAtOnce = 12;

/** Renews all certificates of a load at once, and connects to some of their hosts all along. @throws TimeoutError */
export async function renewStorm(request: StormRequest): Promise<NonNullable<LoadReport['renewStorm']>> {
  const { plan, kube, probes, address, withinMs, signal } = request;
  const selection = {
    ...certificateResource,
    namespace: plan.gateway.namespace,
    labelSelector: `${runLabel}=${plan.run}`,
  };
  const certificates = await kube.list(selection, signal);
  const before = new Map(certificates.map((one) => [one.metadata.name, revisionOf(one)]));
  const step = Math.max(1, Math.ceil(plan.certificates / mostWatchedHosts));
  const watched = Array.from({ length: Math.min(plan.certificates, mostWatchedHosts) }, (_, index) =>
    hostAt(plan, Math.min(index * step, plan.certificates - 1)),
  );
  const over = new AbortController();
  const connecting = [...new Set(watched)].map((serverName) =>
    connect({ probes, address, serverName, over: over.signal }),
  );
  const begun = Date.now();
  let renewedMs: number | null = null;
  try {
    const renewed = kube.waitFor(
      selection,
      (objects) => (objects.filter((one) => isRenewed(one, before)).length === before.size ? true : undefined),
      { what: `${before.size} Certificates to be renewed`, withinMs, signal },
    );
    // Both are awaited.
    renewed.catch(() => {});
    await forEachConcurrently(certificates, requestsAtOnce, (certificate) => issueAgain(kube, certificate, signal));
    await renewed;
    renewedMs = Date.now() - begun;
  } finally {
    over.abort();
  }
  const seen = await Promise.all(connecting);
  return {
    certificates: before.size,
    renewedMs,
    handshakes: seen.reduce((sum, { handshakes }) => sum + handshakes, 0),
    lost: seen.reduce((sum, { lost }) => sum + lost.length, 0),
    lostFor: [...new Set(seen.flatMap(({ lost }) => lost))],
    hosts: seen.length,
    swapped: seen.filter(({ leaves }) => leaves > 1).length,
  };
}

interface Connecting {
  readonly probes: Pick<ProbeClient, 'tlsSeries'>;
  readonly address: string;
  readonly serverName: string;
  /** The last series begins when it aborts, to see the new certificate. */
  readonly over: AbortSignal;
}

async function connect({ probes, address, serverName, over }: Connecting) {
  const leaves = new Set<string>();
  const lost: string[] = [];
  let handshakes = 0;
  for (let isLast = false; ; ) {
    isLast = over.aborted;
    const { outcome } = await probes.tlsSeries({
      ...{ name: 'renewal', address, port: 443, serverName, intervalMs },
      ...{ durationMs: seriesMs, withinMs: 5_000 },
    });
    for (const connection of outcome.connections) {
      handshakes += 1;
      if ('error' in connection) lost.push(connection.error);
      else leaves.add(connection.fingerprintSha256);
    }
    if (isLast) return { handshakes, lost, leaves: leaves.size };
  }
}

function revisionOf(certificate: KubeObject): number {
  const { revision } = (certificate.status ?? {}) as { revision?: number };
  return revision ?? 0;
}

function isRenewed(certificate: KubeObject, before: ReadonlyMap<string, number>): boolean {
  const earlier = before.get(certificate.metadata.name);
  if (earlier === undefined || revisionOf(certificate) <= earlier) return false;
  return !conditionsOf(certificate).some(({ type, status }) => type === 'Issuing' && status === 'True');
}
