import { runLabel } from '../environment/run-label.ts';
import { forEachConcurrently } from '../kube/bounded-concurrency.ts';
import type { KubeClient } from '../kube/client.ts';
import { refOf } from '../kube/kube-object.ts';
import { issuerNameOf, type LoadPlan } from './load-plan.ts';

/** What a load makes that carries its label. Owned objects go with the Certificates; Secrets come last, or they would be made again. */
const labelledKinds = [
  { apiVersion: 'networking.istio.io/v1', kind: 'Gateway' },
  { apiVersion: 'cert-manager.io/v1', kind: 'Certificate' },
  { apiVersion: 'cert-manager.io/v1', kind: 'Issuer' },
  { apiVersion: 'v1', kind: 'Secret' },
] as const;

const requestsAtOnce = 12;

/** Removes everything that a load made in the cluster. It runs however the load ended. */
export async function removeLoad(kube: KubeClient, plan: LoadPlan): Promise<void> {
  const { namespace } = plan.gateway;
  for (const kind of labelledKinds) {
    const objects = await kube.list({ ...kind, namespace, labelSelector: `${runLabel}=${plan.run}` });
    await forEachConcurrently(objects, requestsAtOnce, (object) => kube.remove(refOf(object)));
  }
  await kube.remove({ apiVersion: 'v1', kind: 'Secret', namespace, name: `${issuerNameOf(plan)}-account` });
}
