import { join } from 'node:path';
import type { Components } from '../components/index.ts';
import type { KubeClient } from '../kube/client.ts';
import { readManifest } from '../kube/manifests.ts';
import { deploymentAvailable } from '../kube/until.ts';
import { certManagerManifests } from './cert-manager.ts';
import { imageOf } from './component-image.ts';
import { gatewayApiManifests } from './gateway-api.ts';
import { istioManifests } from './istio.ts';
import { platformFixtures } from './platform-fixture.ts';

const availableWithinMs = 120_000;

interface PlatformRequest {
  readonly kube: KubeClient;
  readonly components: Components;
  readonly cacheFolder: string;
  /** The address of the cluster's DNS Service, where the environment brings none of its own. */
  readonly clusterDnsAddress: string | null;
  readonly signal: AbortSignal;
  onPhase(phase: string): void;
}

/** The Deployments that must be Available before a scenario can start, by namespace. */
const deployments: Readonly<Record<string, readonly string[]>> = {
  'istio-system': ['istiod', 'istio-ingressgateway'],
  'cert-manager': ['cert-manager', 'cert-manager-webhook', 'cert-manager-cainjector'],
};

/**
 * Installs Istio, cert-manager, the Gateway API and, where wanted, cluster DNS, and waits until all are Available.
 *
 * @throws KubeError where something cannot be applied, TimeoutError naming what is not Available
 */
export async function installPlatform(request: PlatformRequest): Promise<void> {
  const { kube, components, cacheFolder, clusterDnsAddress, signal } = request;
  const [gatewayApi, istio, certManager, dns, ingressClass] = await Promise.all([
    gatewayApiManifests(components, cacheFolder),
    istioManifests(components, cacheFolder),
    certManagerManifests(components, cacheFolder),
    clusterDnsAddress === null
      ? []
      : readManifest(join(platformFixtures, 'coredns.yaml'), {
          clusterDnsAddress,
          corednsImage: imageOf(components, 'docker.io/coredns/coredns').name,
        }),
    readManifest(join(platformFixtures, 'ingress-class.yaml')),
  ]);
  request.onPhase('rendered');
  await kube.apply([...dns, ...gatewayApi, ...istio, ...certManager, ...ingressClass], { signal });
  request.onPhase('applied');
  const wanted = Object.entries(deployments).flatMap(([namespace, names]) =>
    names.map((name) => ({ namespace, name })),
  );
  if (clusterDnsAddress !== null) wanted.push({ namespace: 'kube-system', name: 'coredns' });
  await Promise.all(
    wanted.map(async ({ namespace, name }) => {
      await kube.waitFor({ apiVersion: 'apps/v1', kind: 'Deployment', namespace }, deploymentAvailable(name), {
        what: `Deployment ${namespace}/${name} to be Available`,
        withinMs: availableWithinMs,
        signal,
      });
      request.onPhase(`${name} available`);
    }),
  );
}
