import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';

/** The objects of the platform, by the part that they belong to. */
export interface PlatformObjects {
  readonly gatewayApi: readonly KubeObject[];
  readonly istio: readonly KubeObject[];
  readonly certManager: readonly KubeObject[];
  readonly ingressClass: readonly KubeObject[];
}

/** The platform interface that environments use. */
export interface PlatformRequest {
  /** All of the platform's objects, or some of them. */
  readonly objects: PlatformObjects;
  /** The address of cluster DNS; null if the cluster has its own DNS. */
  readonly clusterDnsAddress: string | null;
  /** Whether the cluster has the objects already, from a prepared state: then they are only waited for. */
  readonly isRestored: boolean;
  readonly signal: AbortSignal;
}

/** Installs Istio, cert-manager and the Gateway API. Environments receive it and do not depend on the platform. */
export interface PlatformInstaller {
  /** Rendered while the environment starts. */
  readonly objects: Promise<PlatformObjects>;
  /** The digest of all that `install` applies to a cluster without DNS of its own. */
  readonly digest: Promise<string>;
  /** Applies the objects and waits until they are Available. @throws KubeError, TimeoutError naming what is not Available */
  install(kube: KubeClient, request: PlatformRequest): Promise<void>;
}
