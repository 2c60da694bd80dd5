import { X509Certificate } from 'node:crypto';
import type { KubeClient } from '../../kube/client.ts';
import { KubeError } from '../../kube/kube-error.ts';
import { UserError } from '../../user-error.ts';

/** Where istiod makes its roots known, in every namespace of each cluster that it serves (PILOT_CA_CERT_CONFIGMAP). */
const rootsOfIstiod = { apiVersion: 'v1', kind: 'ConfigMap', name: 'istio-ca-root-cert' } as const;
const certificates = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs;
const rootNamespace = 'istio-system';

/**
 * Checks that the gateway belongs to the mesh of Istio's control plane, by the roots that istiod writes into both clusters. What
 * cannot be read proves nothing.
 *
 * @param gatewayNamespace of the gateway, in the cluster
 * @throws UserError (3) if both have roots, and no root in common
 */
export async function checkOneMesh(kube: KubeClient, gatewayNamespace: string, signal: AbortSignal): Promise<void> {
  const { istio } = kube;
  if (istio === null) return;
  const [ofGateway, ofControlPlane] = await Promise.all([
    rootsIn(kube, gatewayNamespace, signal),
    rootsIn(istio, rootNamespace, signal),
  ]);
  const isOne = ofGateway.some((root) => ofControlPlane.includes(root));
  if (isOne || ofGateway.length === 0 || ofControlPlane.length === 0) return;
  throw new UserError(
    `The gateway in the cluster at ${kube.server} belongs to another mesh than the control plane at ${istio.server}: the ConfigMaps ${gatewayNamespace}/${rootsOfIstiod.name} and ${rootNamespace}/${rootsOfIstiod.name} there have no root in common. Give the kubeconfigs of one mesh.`,
    { exitCode: 3 },
  );
}

/** The fingerprints of the roots in a namespace; empty if they cannot be read. */
async function rootsIn(kube: KubeClient, namespace: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const found = await kube.get({ ...rootsOfIstiod, namespace }, signal);
    const pem = (found?.data as { readonly 'root-cert.pem'?: unknown } | undefined)?.['root-cert.pem'];
    if (typeof pem !== 'string') return [];
    return (pem.match(certificates) ?? []).map((each) => new X509Certificate(each).fingerprint256);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KubeError && error.status === null) throw error;
    return [];
  }
}
