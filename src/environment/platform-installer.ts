import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';

/** The objects of the platform, by the part that they belong to. */
export interface PlatformObjects {
  readonly gatewayApi: readonly KubeObject[];
  readonly istio: readonly KubeObject[];
  readonly certManager: readonly KubeObject[];
  readonly ingressClass: readonly KubeObject[];
}

/** What an environment asks of a platform. */
export interface PlatformRequest {
  /** All of the platform's objects, or some of them. */
  readonly objects: PlatformObjects;
  /** The address that cluster DNS gets; null where the cluster has a DNS of its own. */
  readonly clusterDnsAddress: string | null;
  readonly signal: AbortSignal;
}

/** Installs Istio, cert-manager and the Gateway API. It is handed to environments, which know nothing of the platform. */
export interface PlatformInstaller {
  /** Rendered while the environment starts. */
  readonly objects: Promise<PlatformObjects>;
  /** Applies the objects and waits until they are Available. @throws KubeError, TimeoutError naming what is not Available */
  install(kube: KubeClient, request: PlatformRequest): Promise<void>;
}
