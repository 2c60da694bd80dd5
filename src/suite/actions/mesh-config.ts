import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { actionNames } from '../../evidence/action-names.ts';
import type { ScenarioContext } from '../context/context.ts';
import { platformDeployments, restart } from './components-of-cluster.ts';

const settings = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'istio-system', name: 'istio' };
const settingsSchema = z.looseObject({ mesh: z.string() });

/**
 * Runs istiod with other settings of the mesh while something is done, and as before afterwards. It restarts, so that it has the
 * settings from its first look at the cluster on.
 *
 * @param change fields of MeshConfig
 * @throws TimeoutError if istiod does not become Available again
 */
export async function withMeshConfig(
  context: ScenarioContext,
  change: Readonly<Record<string, unknown>>,
  work: () => Promise<void>,
): Promise<void> {
  const { mesh } = settingsSchema.parse((await context.kube.get(settings, context.parts.signal))?.data);
  const changed = { ...z.looseObject({}).parse(parse(mesh)), ...change };
  await set(context, stringify(changed), JSON.stringify(change));
  try {
    await work();
  } finally {
    await set(context, mesh, 'as before');
  }
}

async function set(context: ScenarioContext, mesh: string, detail: string): Promise<void> {
  context.note(actionNames.meshConfig, detail);
  await context.kube.patch(settings, { data: { mesh } });
  await restart(context, platformDeployments(context).istiod);
}
