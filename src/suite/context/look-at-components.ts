import { controlPlane, isPart } from '../../diagnosis/control-plane.ts';
import type { ScenarioContext } from './context.ts';

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;

/**
 * Keeps the Deployments without which nothing is issued or served, as they are now: of cert-manager, of istiod, of the cluster's DNS and
 * of the gateway. Where a run may not read them, it keeps what it can.
 */
export async function lookAtComponents(context: ScenarioContext): Promise<void> {
  const { kube, parts, seen, subject } = context;
  const keep = (object: Parameters<typeof seen.record>[0]['object']) =>
    seen.record({ at: new Date(), change: 'existed', object });
  await Promise.allSettled([
    ...Object.values(controlPlane).map(async ({ label, image }) => {
      const labelSelector = label.join('=');
      for (const found of await kube.list({ ...deployment, labelSelector }, parts.signal))
        if (isPart(found, { label, image })) keep(found);
    }),
    kube.get({ ...deployment, ...subject.gateway }, parts.signal).then((found) => found !== undefined && keep(found)),
  ]);
}
