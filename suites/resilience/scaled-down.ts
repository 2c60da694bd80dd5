import type { ScenarioContext } from '../../src/suite/context/context.ts';
import { within } from '../../src/suite/context/time-limits.ts';

interface Target {
  readonly namespace: string;
  readonly name: string;
}

/** Scales a Deployment to nothing, and waits until none of its Pods is Ready. @returns what brings it back */
export async function scaleDown(context: ScenarioContext, { namespace, name }: Target): Promise<() => Promise<void>> {
  const { kube } = context;
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name };
  const before = await kube.get(ref);
  if (before === undefined) throw new Error(`there is no Deployment ${namespace}/${name}`);
  const { replicas = 1 } = (before.spec ?? {}) as { replicas?: number };
  const isAt = async (wanted: number) => {
    await context.wait(
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace },
      (deployments) => {
        const status = deployments.find(({ metadata }) => metadata.name === name)?.status ?? {};
        const { readyReplicas = 0 } = status as { readyReplicas?: number };
        return readyReplicas === wanted ? true : undefined;
      },
      `Deployment ${namespace}/${name} to have ${wanted} ready replicas`,
      within.available,
    );
  };
  await kube.patch(ref, { spec: { replicas: 0 } });
  await isAt(0);
  return async () => {
    await kube.patch(ref, { spec: { replicas } });
    await isAt(replicas);
  };
}
