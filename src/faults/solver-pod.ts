import type { KubeObject } from '../kube/kube-object.ts';
import type { FaultContext } from './fault.ts';

const appearsWithinMs = 30_000;

/** Waits for the Pod of an HTTP-01 solver. @throws TimeoutError if none appears within 30 s */
export function solverPod(
  { subject, kube }: Pick<FaultContext, 'subject' | 'kube'>,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { namespace } = subject.certificate;
  return kube.waitFor<KubeObject>(
    { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: 'acme.cert-manager.io/http01-solver=true' },
    (pods) => pods[0],
    { what: `a solver Pod in ${namespace}`, withinMs: appearsWithinMs, signal },
  );
}
