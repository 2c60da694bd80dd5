import type { KubeClient } from '../kube/client.ts';
import { isTrue } from '../kube/conditions.ts';
import { TimeoutError } from '../kube/until.ts';
import type { LoadPlan } from './load-plan.ts';
import type { LoadReport } from './load-report.ts';

interface RestartRequest {
  readonly plan: LoadPlan;
  readonly kube: KubeClient;
  /** The most time for a new Pod to be Ready. */
  readonly limitMs: number;
  /** Waits until every host is served again. @throws TimeoutError */
  untilServed(): Promise<void>;
  readonly signal: AbortSignal;
}

/** Deletes the gateway's Pods and sees how long a new one takes to be Ready and to serve every host again. */
export async function restartGateway(request: RestartRequest): Promise<NonNullable<LoadReport['gatewayRestart']>> {
  const { plan, kube, limitMs, untilServed, signal } = request;
  const { namespace, selector } = plan.gateway;
  const labelSelector = Object.entries(selector)
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
  const pods = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector };
  const old = await kube.list(pods, signal);
  const uids = new Set(old.map(({ metadata }) => metadata.uid));
  const begun = Date.now();
  const since = () => Date.now() - begun;
  for (const { metadata } of old)
    await kube.remove(
      { apiVersion: 'v1', kind: 'Pod', namespace, name: metadata.name },
      { gracePeriodSeconds: 0, signal },
    );
  const facts = { hosts: plan.certificates, limitMs };
  const inTime = async (work: () => Promise<unknown>) => {
    try {
      await work();
      return since();
    } catch (error) {
      if (error instanceof TimeoutError) return null;
      throw error;
    }
  };
  const readyMs = await inTime(() =>
    kube.waitFor(pods, (found) => found.find((pod) => !uids.has(pod.metadata.uid) && isTrue(pod, 'Ready')), {
      what: 'a new Pod of the gateway to be Ready',
      withinMs: limitMs,
      signal,
    }),
  );
  return { ...facts, readyMs, servedMs: await inTime(untilServed) };
}
