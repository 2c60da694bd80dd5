import { setTimeout as delay } from 'node:timers/promises';
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
  /** PEM: what the certificates must end at. */
  readonly roots: readonly string[];
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

const mostWatchedHosts = 20;
const intervalMs = 500;
const settlesWithinMs = 3_000;
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
  const series = [...new Set(watched)].map((serverName) =>
    probes.tlsSeries({
      ...{ name: 'renewal', address, port: 443, serverName, intervalMs, durationMs: withinMs },
      ...{ withinMs: 5_000, trust: 'ca-roots', roots: request.roots },
    }),
  );
  // They are awaited at the end; until then, an interruption may come first.
  for (const { ended } of series) ended.catch(() => {});
  const begun = Date.now();
  const renewed = kube.waitFor(
    selection,
    (objects) => (objects.filter((one) => isRenewed(one, before)).length === before.size ? true : undefined),
    { what: `${before.size} Certificates to be renewed`, withinMs, signal },
  );
  // Both are awaited.
  renewed.catch(() => {});
  await forEachConcurrently(certificates, requestsAtOnce, (certificate) => issueAgain(kube, certificate, signal));
  await renewed;
  const renewedMs = Date.now() - begun;
  // The gateway gets the last Secret after its Certificate is Ready.
  await delay(settlesWithinMs, undefined, { signal });
  const seen = (await Promise.all(series.map((one) => one.end()))).map(({ outcome }) => outcome);
  return {
    certificates: before.size,
    renewedMs,
    handshakes: seen.reduce((sum, { connections }) => sum + connections, 0),
    lost: seen.reduce((sum, { failed }) => sum + failed, 0),
    lostFor: [...new Set(seen.flatMap(({ runs }) => runs.flatMap((run) => ('error' in run ? [run.error] : []))))],
    hosts: seen.length,
    swapped: seen.filter(({ leaves }) => leaves.length > 1).length,
  };
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
