import { certificateResource, challengeResource } from '../kube/cert-manager-objects.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { UntilOptions } from '../kube/until.ts';

/**
 * The name of a Challenge begins with that of its Certificate and a hyphen. cert-manager truncates longer names than this
 * to the length that Kubernetes allows. The objects between the two may already be gone.
 */
const keptOfName = 40;

interface Limits extends UntilOptions {
  /** Called if there is something to wait for. */
  onWait(): void;
}

/**
 * Removes the Certificate of a DNS-01 issuance, and waits until its Challenges are gone. cert-manager removes their TXT
 * records first, with the TSIG key from a Secret in the same namespace. Challenges of other Certificates in the namespace
 * are ignored.
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
  const beginning = name.length > keptOfName ? name.slice(0, keptOfName) : `${name}-`;
  const isOfCertificate = ({ metadata }: KubeObject) => metadata.name.startsWith(beginning);
  if (!(await kube.list(challenges)).some(isOfCertificate)) return;
  onWait();
  await kube.waitFor(challenges, (all) => (all.some(isOfCertificate) ? undefined : true), options);
}
