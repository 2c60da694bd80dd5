import type { ComponentDescription } from '../../components/index.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { loadBalancerAddress } from '../../kube/load-balancer-address.ts';
import { UserError } from '../../user-error.ts';
import { type IngressGateway, ingressGatewayOfCharts } from '../environment.ts';
import type { InstallPart } from './install-parts.ts';

/** The components of a cluster that a run needs. */
export interface Discovered {
  readonly gateway: IngressGateway;
  /** The first address of the gateway's Service; null if it has none. */
  readonly gatewayAddress: string | null;
  readonly ingressClass: KubeObject | null;
  /** Whether the Gateway API's Gateway and HTTPRoute are served, v1. */
  readonly gatewayApi: boolean;
  readonly components: readonly ComponentDescription[];
}

/** cert-manager's HTTP-01 solver has `ingressClassName` since this version (its release notes, 1.12). */
const oldestCertManager = [1, 12] as const;
const istioController = 'istio.io/ingress-controller';
/** Values of the label istio on Pods that are not ingress gateways, from Istio's charts. */
const otherRoles = new Set(['pilot', 'istiod', 'egressgateway', 'eastwestgateway', 'ztunnel', 'cni']);
const deployedFor = 'gateway.networking.k8s.io/gateway-name';

interface Wanted {
  /** namespace/name of the gateway's Service, if there are several. */
  readonly gateway?: string | undefined;
}

function environmentError(message: string): UserError {
  return new UserError(message, { exitCode: 3 });
}

/**
 * Finds Istio, its ingress gateway and cert-manager in a cluster, and changes nothing.
 *
 * @throws UserError (3) for the first component that is missing or too old, KubeError
 */
export async function discover(kube: KubeClient, wanted: Wanted, signal: AbortSignal): Promise<Discovered> {
  const [services, deployments, ingressClasses, gatewayKind, routeKind] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Service' }, signal),
    kube.list({ apiVersion: 'apps/v1', kind: 'Deployment' }, signal),
    kube.list({ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' }, signal),
    kube.discovery.find({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' }),
    kube.discovery.find({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' }),
  ]);
  const certManager = certManagerOf(deployments, kube.server);
  const service = gatewayService(services, wanted.gateway, kube.server);
  const istiod = deployments.find(({ metadata }) => metadata.labels?.app === 'istiod');
  const selector = selectorOf(service);
  const ingressClass = ingressClasses.find(
    ({ spec }) => (spec as { controller?: string }).controller === istioController,
  );
  const { namespace = '', name } = service.metadata;
  const gatewayDeployment = deployments.find(
    (deployment) => deployment.metadata.namespace === namespace && matches(podLabelsOf(deployment), selector),
  );
  return {
    gateway: {
      namespace,
      service: name,
      selector: { istio: selector.istio ?? '' },
      ingressClass: ingressClass?.metadata.name ?? null,
    },
    gatewayAddress: await loadBalancerAddress(service),
    ingressClass: ingressClass ?? null,
    gatewayApi: gatewayKind !== undefined && routeKind !== undefined,
    components: [
      ...(istiod === undefined ? [] : [described('istiod', istiod)]),
      ...(gatewayDeployment === undefined ? [] : [described('istio ingress gateway', gatewayDeployment)]),
      described('cert-manager-controller', certManager),
    ],
  };
}

/**
 * Checks a cluster before an installation: the components to install must be absent, and the others present.
 *
 * @returns the namespace of the current or future ingress gateway
 * @throws UserError: (2) for components that already exist, (3) as {@link discover} for missing ones, KubeError
 */
export async function discoverBeforeInstall(
  kube: KubeClient,
  wanted: Wanted,
  parts: readonly InstallPart[],
  signal: AbortSignal,
): Promise<string> {
  const [services, deployments, istioKind, certManagerKind] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Service' }, signal),
    kube.list({ apiVersion: 'apps/v1', kind: 'Deployment' }, signal),
    kube.discovery.find({ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' }),
    kube.discovery.find({ apiVersion: 'cert-manager.io/v1', kind: 'Certificate' }),
  ]);
  const refuse = (part: InstallPart, found: KubeObject | undefined, definition: string | null) => {
    const leaveOut = `leave ${part} out of --install`;
    if (found !== undefined) {
      const seen = `Deployment ${found.metadata.namespace}/${found.metadata.name}, ${versionOf(found)}`;
      throw new UserError(`The cluster at ${kube.server} already has ${part} (${seen}): ${leaveOut}.`);
    }
    if (definition !== null) {
      throw new UserError(
        `The cluster at ${kube.server} already has a part of ${part} (${definition}): remove it, or ${leaveOut}.`,
      );
    }
  };
  if (parts.includes('cert-manager')) {
    const definition = certManagerKind && 'the CustomResourceDefinition certificates.cert-manager.io';
    refuse('cert-manager', certManagerIn(deployments), definition ?? null);
  } else {
    certManagerOf(deployments, kube.server);
  }
  if (!parts.includes('istio')) return gatewayService(services, wanted.gateway, kube.server).metadata.namespace ?? '';
  const istiod = deployments.find(({ metadata }) => metadata.labels?.app === 'istiod');
  const definition = istioKind && 'the CustomResourceDefinition virtualservices.networking.istio.io';
  refuse('istio', istiod, definition ?? null);
  return ingressGatewayOfCharts.namespace;
}

/** @throws UserError (3) if it is missing, or too old for the solver's field */
function certManagerOf(deployments: readonly KubeObject[], server: string): KubeObject {
  const found = certManagerIn(deployments);
  if (found === undefined) {
    throw environmentError(
      `The cluster at ${server} has no cert-manager: no Deployment labelled app.kubernetes.io/name=cert-manager; install it first, or let --install cert-manager do so for the run.`,
    );
  }
  const version = versionOf(found);
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return found;
  const [oldestMajor, oldestMinor] = oldestCertManager;
  const isOld = Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
  if (!isOld) return found;
  const { namespace, name } = found.metadata;
  throw environmentError(
    `cert-manager ${version} (Deployment ${namespace}/${name}) has no solver field ingressClassName, which came with v${oldestCertManager.join('.')}; upgrade it.`,
  );
}

function certManagerIn(deployments: readonly KubeObject[]): KubeObject | undefined {
  return deployments.find(({ metadata: { labels = {}, name } }) =>
    labels['app.kubernetes.io/name'] === undefined
      ? name === 'cert-manager'
      : labels['app.kubernetes.io/name'] === 'cert-manager' &&
        (labels['app.kubernetes.io/component'] ?? 'controller') === 'controller',
  );
}

/** @throws UserError: (3) if there is no ingress gateway, (2) if one must be chosen or the chosen one does not exist */
function gatewayService(services: readonly KubeObject[], wanted: string | undefined, server: string): KubeObject {
  const qualified = ({ metadata: { namespace, name } }: KubeObject) => `${namespace}/${name}`;
  const candidates = services.filter((service) => {
    const { istio } = selectorOf(service);
    const ports = (service.spec as { ports?: { port: number }[] }).ports ?? [];
    const has = (wantedPort: number) => ports.some(({ port }) => port === wantedPort);
    const { labels = {} } = service.metadata;
    return istio !== undefined && !otherRoles.has(istio) && !(deployedFor in labels) && has(80) && has(443);
  });
  if (wanted !== undefined) {
    const chosen = candidates.find((service) => qualified(service) === wanted);
    if (chosen !== undefined) return chosen;
    throw new UserError(
      `The cluster at ${server} has no Istio ingress gateway ${wanted}. Its ingress gateways: ${candidates.map(qualified).join(', ') || 'none'}.`,
    );
  }
  const [first, ...others] = candidates;
  if (first === undefined) {
    throw environmentError(
      `The cluster at ${server} has no Istio ingress gateway: no Service with ports 80 and 443 selects Pods by the label istio; install Istio's gateway chart first, or where there is no Istio at all, let --install istio do so for the run.`,
    );
  }
  if (others.length === 0) return first;
  throw new UserError(
    `The cluster at ${server} has several Istio ingress gateways. Choose one with --gateway: ${candidates.map(qualified).join(', ')}.`,
  );
}

function selectorOf(service: KubeObject): Readonly<Record<string, string>> {
  return (service.spec as { selector?: Record<string, string> }).selector ?? {};
}

function podLabelsOf(deployment: KubeObject): Readonly<Record<string, string>> {
  const { template } = deployment.spec as { template?: { metadata?: { labels?: Record<string, string> } } };
  return template?.metadata?.labels ?? {};
}

function matches(labels: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([label, value]) => labels[label] === value);
}

function imageOf(deployment: KubeObject): string {
  const { template } = deployment.spec as { template?: { spec?: { containers?: { image?: string }[] } } };
  return template?.spec?.containers?.[0]?.image ?? '';
}

/** The image's tag; without a tag, or if the cluster sets it, the version label of the chart. */
function versionOf(deployment: KubeObject): string {
  const [reference = ''] = imageOf(deployment).split('@');
  const tag = /:([^/:]+)$/.exec(reference)?.[1];
  const { labels = {} } = deployment.metadata;
  return tag ?? labels['app.kubernetes.io/version'] ?? labels['istio.io/rev'] ?? 'unknown';
}

function described(name: string, deployment: KubeObject): ComponentDescription {
  const { namespace, name: deploymentName } = deployment.metadata;
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(imageOf(deployment))?.[1] ?? null;
  return {
    name,
    version: versionOf(deployment),
    source: `image ${imageOf(deployment)}`,
    digest,
    note: `found as Deployment ${namespace}/${deploymentName}`,
  };
}
