import { KubeClient } from '../../kube/client.ts';
import { KubeError } from '../../kube/kube-error.ts';
import { describeRef, type KubeObject, refOf } from '../../kube/kube-object.ts';

interface Service extends KubeObject {
  readonly spec: { readonly type?: string; readonly loadBalancerClass?: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

function isOurs(object: KubeObject): object is Service {
  const { spec } = object as Partial<Service>;
  return (
    spec?.type === 'LoadBalancer' &&
    spec.loadBalancerClass === undefined &&
    object.metadata.deletionTimestamp === undefined
  );
}

function assignedAddress(service: Service): string | undefined {
  return service.status?.loadBalancer?.ingress?.[0]?.ip;
}

/**
 * Gives every Service of type LoadBalancer one of an environment's addresses, until the signal aborts. kube-proxy does the
 * rest: with ipMode VIP it serves the address on the node, from Pods too.
 *
 * @throws if there are more Services than addresses
 */
export async function assignLoadBalancerAddresses(
  kubeconfig: string,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await using kube = await KubeClient.open({ path: kubeconfig });
  const addressByUid = new Map<string, string>();
  const failure = Promise.withResolvers<never>();

  const assign = async (service: Service) => {
    const uid = service.metadata.uid ?? '';
    if (addressByUid.has(uid)) return;
    const taken = new Set(addressByUid.values());
    const address = assignedAddress(service) ?? addresses.find((candidate) => !taken.has(candidate));
    if (address === undefined) throw new Error(`no address is left for ${describeRef(refOf(service))}`);
    addressByUid.set(uid, address);
    if (assignedAddress(service) !== undefined) return;
    try {
      await kube.patchStatus(refOf(service), { loadBalancer: { ingress: [{ ip: address, ipMode: 'VIP' }] } }, signal);
    } catch (error) {
      // It is gone already, or was changed in this moment: then an event follows that decides anew.
      if (!(error instanceof KubeError && (error.status === 404 || error.status === 409))) throw error;
      addressByUid.delete(uid);
    }
  };

  await using _watch = kube.watch(
    { apiVersion: 'v1', kind: 'Service' },
    {
      signal,
      onEvent: ({ change, object }) => {
        if (change === 'deleted' || !isOurs(object)) addressByUid.delete(object.metadata.uid ?? '');
        else assign(object).catch(failure.reject);
      },
    },
  );
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([aborted, failure.promise]);
}
