import { actionNames } from '../../evidence/action-names.ts';
import { deploymentAvailable } from '../../kube/until.ts';
import type { ScenarioContext } from '../context/context.ts';
import { within } from '../context/time-limits.ts';

/** A Deployment of the platform, with the labels of its Pods. */
interface PlatformDeployment {
  readonly namespace: string;
  readonly name: string;
  readonly labelSelector: string;
}

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;

/** istiod, cert-manager's controller and the ingress gateway, as the charts install them. */
export function platformDeployments({
  parts,
}: ScenarioContext): Readonly<Record<'istiod' | 'certManager' | 'gateway', PlatformDeployment>> {
  const { namespace, service, selector } = parts.names.gateway;
  return {
    istiod: { namespace: 'istio-system', name: 'istiod', labelSelector: 'app=istiod' },
    certManager: {
      namespace: 'cert-manager',
      name: 'cert-manager',
      labelSelector: 'app.kubernetes.io/component=controller,app.kubernetes.io/name=cert-manager',
    },
    gateway: {
      namespace,
      name: service,
      labelSelector: Object.entries(selector)
        .map(([label, value]) => `${label}=${value}`)
        .join(','),
    },
  };
}

/** Deletes the Pods of Deployments, and waits until other ones are Available. @throws TimeoutError */
export async function restart(context: ScenarioContext, ...deployments: readonly PlatformDeployment[]): Promise<void> {
  await Promise.all(
    deployments.map(async (one) => {
      context.note(actionNames.component, `${one.namespace}/${one.name} restarted`);
      await removePods(context, one);
      await untilAvailable(context, one);
    }),
  );
}

/** Runs something while a Deployment has no Pod, and starts it again however that ends. @throws TimeoutError */
export async function without(
  context: ScenarioContext,
  stopped: PlatformDeployment,
  work: () => Promise<void>,
): Promise<void> {
  const { namespace, name } = stopped;
  const scale = (replicas: number) => context.kube.patch({ ...deployment, namespace, name }, { spec: { replicas } });
  await scale(0);
  try {
    await removePods(context, stopped);
    context.note(actionNames.component, `${namespace}/${name} stopped`);
    await work();
  } finally {
    await scale(1);
    await untilAvailable(context, stopped);
    context.note(actionNames.component, `${namespace}/${name} started`);
  }
}

/** Deletes the Pods at once, without the time to end that they ask for, and waits until they are gone. */
async function removePods(
  context: ScenarioContext,
  { namespace, name, labelSelector }: PlatformDeployment,
): Promise<void> {
  const selection = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector };
  const pods = await context.kube.list(selection, context.parts.signal);
  const names = new Set(pods.map(({ metadata }) => metadata.name));
  for (const pod of names)
    await context.kube.remove({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod }, { gracePeriodSeconds: 1 });
  await context.wait(
    selection,
    (left) => (left.some(({ metadata }) => names.has(metadata.name)) ? undefined : true),
    `the Pods of ${namespace}/${name} to be gone`,
    within.available,
  );
}

async function untilAvailable(context: ScenarioContext, { namespace, name }: PlatformDeployment): Promise<void> {
  await context.wait(
    { ...deployment, namespace },
    deploymentAvailable(name),
    `Deployment ${namespace}/${name} to be Available`,
    within.available,
  );
}
