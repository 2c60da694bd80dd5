import { certificateResource, challengeResource } from '../kube/cert-manager-objects.ts';
import type { KubeClient } from '../kube/client.ts';
import type { UntilOptions } from '../kube/until.ts';

interface Limits extends UntilOptions {
  /** Called where there is something to wait for. */
  onWait(): void;
}

/**
 * Removes the Certificate of an issuance by DNS-01, and waits until its Challenges are gone, where there are any: cert-manager
 * removes their TXT records before, for which it reads the TSIG key from a Secret beside them.
 *
 * @throws TimeoutError naming the Challenges that are still there
 */
export async function removeDns01(
  kube: KubeClient,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { onWait, ...options }: Limits,
): Promise<void> {
  await kube.remove({ ...certificateResource, namespace, name });
  const challenges = { ...challengeResource, namespace };
  if ((await kube.list(challenges)).length === 0) return;
  onWait();
  await kube.waitFor(challenges, (left) => (left.length === 0 ? true : undefined), options);
}
