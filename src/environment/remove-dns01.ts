import { certificateResource, challengeResource } from '../kube/cert-manager-objects.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { UntilOptions } from '../kube/until.ts';

/**
 * The name of a Challenge begins with that of its Certificate, of which cert-manager cuts off what makes it longer than
 * Kubernetes allows. By then the objects between the two can be gone.
 */
const keptOfName = 40;

interface Limits extends UntilOptions {
  /** Called where there is something to wait for. */
  onWait(): void;
}

/**
 * Removes the Certificate of an issuance by DNS-01, and waits until its Challenges are gone. cert-manager removes their
 * TXT records first, for which it reads the TSIG key from a Secret beside them. Challenges of other Certificates in the
 * namespace do not matter.
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
  const isOfCertificate = ({ metadata }: KubeObject) => metadata.name.startsWith(name.slice(0, keptOfName));
  if (!(await kube.list(challenges)).some(isOfCertificate)) return;
  onWait();
  await kube.waitFor(challenges, (all) => (all.some(isOfCertificate) ? undefined : true), options);
}
