import type { KubeClient } from '../../kube/client.ts';
import { UserError } from '../../user-error.ts';

const istio = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' } as const;
const oldIstio = { apiVersion: 'networking.istio.io/v1beta1', kind: 'VirtualService' } as const;
const certManager = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate' } as const;

/**
 * Checks that the API server for Istio's own objects has them, and is not mistaken for that of the gateway.
 *
 * @throws UserError: (2) if both kubeconfigs lead to one API server or are swapped, (3) if it lacks Istio's API v1
 */
export async function checkIstioApi(kube: KubeClient): Promise<void> {
  const control = kube.istio;
  if (control !== null && control.server === kube.server) {
    throw new UserError(
      `--istio-kubeconfig and --kubeconfig lead to the same API server, ${kube.server}. Leave out --istio-kubeconfig if Istio's own objects are there.`,
    );
  }
  const api = control ?? kube;
  const [served, old] = await Promise.all([api.discovery.find(istio), api.discovery.find(oldIstio)]);
  if (control !== null) {
    const [here, there] = await Promise.all([kube.discovery.find(certManager), control.discovery.find(certManager)]);
    if (here === undefined && there !== undefined) {
      throw new UserError(
        `The kubeconfigs are swapped: cert-manager is in the cluster of --istio-kubeconfig (${control.server}) and not in that of --kubeconfig (${kube.server}).`,
      );
    }
  }
  if (served !== undefined) return;
  if (old !== undefined) {
    throw new UserError(
      `Istio at ${api.server} serves networking.istio.io/v1beta1 only, and a run applies v1, which came with Istio 1.22. Upgrade Istio.`,
      { exitCode: 3 },
    );
  }
  if (control === null) return;
  throw new UserError(
    `The cluster of --istio-kubeconfig (${control.server}) has no Istio: no kind VirtualService in networking.istio.io/v1. Give the kubeconfig of the control plane.`,
    { exitCode: 3 },
  );
}
