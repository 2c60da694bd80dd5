import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Components } from '../components/index.ts';
import type { KubeClient } from '../kube/client.ts';
import type { DeploymentName } from '../kube/explain-deployment.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { readManifest } from '../kube/manifests.ts';
import { waitForDeployment } from '../kube/wait-for-deployment.ts';
import { scaled } from '../time-scale.ts';
import { certManagerManifests } from './cert-manager.ts';
import { imageOf } from './component-image.ts';
import { gatewayApiManifests } from './gateway-api.ts';
import { istioManifests } from './istio.ts';
import { platformFiles } from './platform-file.ts';
import { type ChosenParts, pinnedParts } from './platform-versions.ts';

const availableWithinMs = 120_000;
const busyWithinMs = 60_000;

/** Everything to apply, as objects. */
export interface PlatformManifests {
  readonly gatewayApi: readonly KubeObject[];
  readonly istio: readonly KubeObject[];
  readonly certManager: readonly KubeObject[];
  readonly ingressClass: readonly KubeObject[];
}

/** Renders what does not depend on the environment, so that it can run while the environment starts. */
export async function platformManifests(
  components: Components,
  chosen: ChosenParts = pinnedParts,
): Promise<PlatformManifests> {
  const { cache } = components;
  const [gatewayApi, istio, certManager, ingressClass] = await Promise.all([
    gatewayApiManifests(components, cache, chosen.gatewayApi),
    istioManifests(components, cache, chosen.istio),
    certManagerManifests(components, cache, chosen.certManager),
    readManifest(join(platformFiles, 'ingress-class.yaml')),
  ]);
  return { gatewayApi, istio, certManager, ingressClass };
}

interface PlatformRequest {
  readonly kube: KubeClient;
  readonly components: Components;
  readonly manifests: PlatformManifests;
  /** The address of the cluster's DNS Service, if the environment has no cluster DNS of its own. */
  readonly clusterDnsAddress: string | null;
  /** Whether the cluster has the objects already. */
  readonly isRestored: boolean;
  readonly signal: AbortSignal;
  onPhase(phase: string): void;
}

const istiod: DeploymentName = { namespace: 'istio-system', name: 'istiod' };
const gateway: DeploymentName = { namespace: 'istio-system', name: 'istio-ingressgateway' };
const certManagerDeployments = ['cert-manager', 'cert-manager-webhook', 'cert-manager-cainjector'] as const;

/**
 * Installs Istio, cert-manager, the Gateway API and, if wanted, cluster DNS, and waits until all are Available. A part
 * without manifests is skipped.
 *
 * @throws KubeError if an object cannot be applied, TimeoutError that names what is not Available
 */
export async function installPlatform(request: PlatformRequest): Promise<void> {
  const { kube, clusterDnsAddress, isRestored, signal } = request;
  const { istio, certManager } = request.manifests;
  // istiod's webhook must inject its Pods. If it is applied before istiod answers, their creation fails and backs off.
  const isGateway = ({ kind, metadata }: KubeObject) => kind === 'Deployment' && metadata.name === gateway.name;
  if (!isRestored) {
    await applyAll(
      request,
      istio.filter((object) => !isGateway(object)),
    );
    request.onPhase('applied');
  }

  const available = async ({ namespace, name }: DeploymentName) => {
    await waitForDeployment(kube, { namespace, name }, { withinMs: scaled(availableWithinMs), signal });
    request.onPhase(`${name} available`);
  };
  const gatewayAvailable = async () => {
    await available(istiod);
    if (!isRestored) await kube.apply(istio.filter(isGateway), { signal, retryWithinMs: scaled(busyWithinMs) });
    await available(gateway);
  };
  await Promise.all([
    ...(istio.length === 0 ? [] : [gatewayAvailable()]),
    ...(certManager.length === 0
      ? []
      : certManagerDeployments.map((name) => available({ namespace: 'cert-manager', name }))),
    ...(clusterDnsAddress === null ? [] : [available({ namespace: 'kube-system', name: 'coredns' })]),
  ]);
}

/** Applies everything but the gateway's Deployment. */
async function applyAll(request: PlatformRequest, withoutGateway: readonly KubeObject[]): Promise<void> {
  const { kube, components, clusterDnsAddress, signal } = request;
  const { gatewayApi, certManager, ingressClass } = request.manifests;
  const dns = clusterDnsAddress === null ? [] : await clusterDns(components, clusterDnsAddress);
  const isDefinition = ({ kind }: KubeObject) => kind === 'CustomResourceDefinition';
  // The API server needs seconds to establish CustomResourceDefinitions. cert-manager exits without its own and the Gateway API's.
  // istiod finds Istio's when they appear, so Istio does not wait for them.
  const options = { signal, retryWithinMs: scaled(busyWithinMs) };
  await Promise.all([
    kube.apply(
      withoutGateway.filter((object) => !isDefinition(object)),
      options,
    ),
    kube.apply([...dns, ...ingressClass], options),
    kube.apply([...gatewayApi, ...certManager], options),
    kube.apply(withoutGateway.filter(isDefinition), options),
  ]);
}

function clusterDns(components: Components, clusterDnsAddress: string): Promise<readonly KubeObject[]> {
  return readManifest(join(platformFiles, 'coredns.yaml'), {
    clusterDnsAddress,
    corednsImage: imageOf(components, 'docker.io/coredns/coredns').name,
  });
}

/** The digest of all that is applied, cluster DNS included: SHA-256, lower-case hexadecimal. */
export async function platformDigest(manifests: PlatformManifests, components: Components): Promise<string> {
  const dns = await clusterDns(components, 'address');
  return createHash('sha256')
    .update(JSON.stringify([manifests, dns]))
    .digest('hex');
}
