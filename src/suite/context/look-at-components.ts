import { controlPlane, isPart } from '../../diagnosis/control-plane.ts';
import type { Subject } from '../../evidence/evidence.ts';
import type { ObjectHistories } from '../../evidence/recorders/object-histories.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/kube-object.ts';

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;

/** What it needs of a scenario. */
interface LookingScenario {
  readonly kube: Pick<KubeClient, 'get' | 'list'>;
  readonly parts: { readonly signal: AbortSignal };
  readonly seen: Pick<ObjectHistories, 'record'>;
  readonly subject: Pick<Subject, 'gateway'>;
}

/**
 * Keeps the Deployments without which nothing is issued or served, as they are now: of cert-manager, of istiod, of the cluster's DNS and
 * of the gateway. Where a run may not read them, it keeps what it can.
 */
export async function lookAtComponents({ kube, parts, seen, subject }: LookingScenario): Promise<void> {
  const keep = (object: KubeObject) => seen.record({ at: new Date(), change: 'existed', object });
  await Promise.allSettled([
    ...Object.values(controlPlane).map(async (part) => {
      const labelSelector = part.label.join('=');
      for (const found of await kube.list({ ...deployment, labelSelector }, parts.signal))
        if (isPart(found, part)) keep(found);
    }),
    kube.get({ ...deployment, ...subject.gateway }, parts.signal).then((found) => found !== undefined && keep(found)),
  ]);
}
