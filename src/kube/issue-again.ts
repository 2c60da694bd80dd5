import { certificateResource } from './cert-manager-objects.ts';
import type { KubeClient } from './client.ts';
import { conditionsOf } from './conditions.ts';
import type { KubeObject } from './kube-object.ts';

/** Asks cert-manager to issue a Certificate again at once, by the condition Issuing, as `cmctl renew` does. */
export async function issueAgain(
  kube: Pick<KubeClient, 'patchStatus'>,
  certificate: KubeObject,
  signal?: AbortSignal,
): Promise<void> {
  const { namespace = '', name } = certificate.metadata;
  const conditions = conditionsOf(certificate).filter(({ type }) => type !== 'Issuing');
  const issuing = {
    type: 'Issuing',
    status: 'True',
    reason: 'ManuallyTriggered',
    message: 'Certificate re-issuance manually triggered',
    lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  const status = { conditions: [...conditions, issuing] };
  await kube.patchStatus({ ...certificateResource, namespace, name }, status, signal);
}
