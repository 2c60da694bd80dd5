import { z } from 'zod';
import type { FurtherNameServer } from '../../environment/environment.ts';
import { actionNames } from '../../evidence/action-names.ts';
import type { ScenarioContext } from '../context/context.ts';
import { restart } from './components-of-cluster.ts';

const configuration = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' };
const clusterDns = { namespace: 'kube-system', name: 'coredns', labelSelector: 'k8s-app=kube-dns' };
const dataSchema = z.object({ Corefile: z.string() });

/**
 * Starts a name server of the scenario's own, which the cluster asks for the environment's domain from now on. It ends with the
 * scenario.
 *
 * @throws Error where the environment can start none; TimeoutError
 */
export async function useFurtherNameServer(context: ScenarioContext): Promise<FurtherNameServer> {
  const { environment } = context.parts;
  const further = await environment.startFurtherNameServer?.();
  if (further === undefined) throw new Error('this environment can start no further name server');
  context.started.defer(() => further.end());
  const { Corefile } = dataSchema.parse(Reflect.get((await context.kube.get(configuration)) ?? {}, 'data'));
  const ask = async (corefile: string) => {
    await context.kube.patch(configuration, { data: { Corefile: corefile } });
    await restart(context, clusterDns);
  };
  context.started.defer(() => ask(Corefile));
  await ask(`${environment.domain}:53 {\n    errors\n    forward . ${further.address}:${further.port}\n}\n${Corefile}`);
  context.note(actionNames.component, `cluster DNS asks ${further.address}:${further.port} for ${environment.domain}`);
  return further;
}
