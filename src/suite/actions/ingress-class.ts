import { join } from 'node:path';
import { ingressGatewayOfCharts } from '../../environment/environment.ts';
import { actionNames } from '../../evidence/action-names.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { readManifest } from '../../kube/manifests.ts';
import { withoutServerFields } from '../../kube/without-server-fields.ts';
import { fixturesFolder, type ScenarioContext } from '../context/context.ts';

const ingressClass = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' };

/** Removes the IngressClass of the gateway. @returns the removed object, or null if there was none */
export async function removeIngressClass(context: ScenarioContext): Promise<KubeObject | null> {
  const name = context.parts.names.gateway.ingressClass ?? ingressGatewayOfCharts.ingressClass ?? '';
  const removed = (await context.kube.get({ ...ingressClass, name })) ?? null;
  await context.kube.remove({ ...ingressClass, name });
  context.note(actionNames.removeIngressClass, name);
  return removed;
}

/** Recreates the original IngressClass, or the platform's if there was none. */
export async function createIngressClass(context: ScenarioContext, removed: KubeObject | null): Promise<void> {
  const objects =
    removed === null
      ? await readManifest(join(fixturesFolder, 'platform', 'ingress-class.yaml'), {})
      : [withoutServerFields(removed)];
  context.note(actionNames.createIngressClass, objects[0]?.metadata.name ?? '');
  await context.kube.apply(objects);
}
