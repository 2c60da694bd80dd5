import type { ComponentDescription } from '../../components/index.ts';
import type { KubeClient, ResourceSelection } from '../../kube/client.ts';
import { KubeError } from '../../kube/kube-error.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { loadBalancerAddress } from '../../kube/load-balancer-address.ts';
import { UserError } from '../../user-error.ts';
import { type IngressGateway, ingressGatewayOfCharts } from '../environment.ts';
import { faultLabel } from '../run-label.ts';
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
/** The annotation of Pods that says which templates of the injector make them. */
const injectedTemplates = 'inject.istio.io/templates';
const deployedFor = 'gateway.networking.k8s.io/gateway-name';

interface Wanted {
  /** namespace/name of the gateway's Service, if there are several. */
  readonly gateway?: string | undefined;
  /** The addresses of the hosts of the run, which decide between several gateways. Absent if they follow from the gateway. */
  readonly addressesOfHosts?: (() => Promise<readonly string[]>) | undefined;
}

function environmentError(message: string): UserError {
  return new UserError(message, { exitCode: 3 });
}

/**
 * Finds Istio, its ingress gateway and cert-manager in a cluster, and changes nothing. istiod may be elsewhere, and unseen; the
 * version of the gateway's proxy is then what is known of Istio.
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
  const service = await gatewayService({ services, deployments }, wanted, kube.server);
  const selector = selectorOf(service);
  const ingressClass = ingressClasses.find(
    ({ spec }) => (spec as { controller?: string }).controller === istioController,
  );
  const { namespace = '', name } = service.metadata;
  const gatewayDeployment = deployments.find(
    (deployment) => deployment.metadata.namespace === namespace && matches(podLabelsOf(deployment), selector),
  );
  const proxy = await proxyOf(kube, namespace, selector, signal);
  const istiod = istiodOf(await controlPlaneDeployments(kube, deployments, signal), proxy?.revision);
  return {
    gateway: {
      namespace,
      service: name,
      selector: selector.istio === undefined ? selector : { istio: selector.istio },
      ingressClass: ingressClass?.metadata.name ?? null,
    },
    gatewayAddress: await loadBalancerAddress(service),
    ingressClass: ingressClass ?? null,
    gatewayApi: gatewayKind !== undefined && routeKind !== undefined,
    components: [
      ...(istiod === undefined ? [] : [described('istiod', istiod)]),
      ...(gatewayDeployment === undefined ? [] : [gatewayComponent(gatewayDeployment, proxy)]),
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
  if (!parts.includes('istio')) {
    return (await gatewayService({ services, deployments }, wanted, kube.server)).metadata.namespace ?? '';
  }
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
async function gatewayService(
  { services, deployments }: { services: readonly KubeObject[]; deployments: readonly KubeObject[] },
  { gateway: wanted, addressesOfHosts }: Wanted,
  server: string,
): Promise<KubeObject> {
  const qualified = ({ metadata: { namespace, name } }: KubeObject) => `${namespace}/${name}`;
  const candidates = services.filter(
    (service) =>
      !(deployedFor in (service.metadata.labels ?? {})) &&
      // A gateway of a fault that is staged beside.
      !(faultLabel in (service.metadata.labels ?? {})) &&
      selectsGateways(service, deployments) &&
      hasPort(service, 80, /^http2?(?:-|$)/) &&
      hasPort(service, 443, /^https(?:-|$)/),
  );
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
      `The cluster at ${server} has no Istio ingress gateway: no Service with ports 80 and 443 selects Pods by the label istio or Pods of the gateway template; install Istio's gateway chart first, or where there is no Istio at all, let --install istio do so for the run.`,
    );
  }
  if (others.length === 0) return first;
  const hosts = (await addressesOfHosts?.()) ?? [];
  const reached = candidates.filter((service) => addressesOf(service).some((address) => hosts.includes(address)));
  const [only] = reached;
  if (only !== undefined && reached.length === 1) return only;
  const why = hosts.length === 0 ? '' : ` The hosts have the addresses ${hosts.join(', ')}.`;
  throw new UserError(
    `The cluster at ${server} has several Istio ingress gateways.${why} Choose one with --gateway: ${candidates.map(qualified).join(', ')}.`,
  );
}

/** Whether a Service's Pods are ingress gateways: by the label of Istio's charts, or as Pods that its template is injected into. */
function selectsGateways(service: KubeObject, deployments: readonly KubeObject[]): boolean {
  const selector = selectorOf(service);
  if (selector.istio !== undefined) return !otherRoles.has(selector.istio);
  if (Object.keys(selector).length === 0) return false;
  return deployments.some(
    (deployment) =>
      deployment.metadata.namespace === service.metadata.namespace &&
      matches(podLabelsOf(deployment), selector) &&
      !otherRoles.has(podLabelsOf(deployment).istio ?? '') &&
      (podAnnotationsOf(deployment)[injectedTemplates] ?? '').split(',').includes('gateway'),
  );
}

/** Whether clients reach a port through a Service: by its number, or by its name if a load balancer in front maps the number. */
function hasPort(service: KubeObject, wanted: number, name: RegExp): boolean {
  const { ports = [] } = service.spec as { ports?: { port: number; name?: string }[] };
  return ports.some((port) => port.port === wanted || name.test(port.name ?? ''));
}

function addressesOf(service: KubeObject): readonly string[] {
  const { loadBalancer } = (service.status ?? {}) as { loadBalancer?: { ingress?: { ip?: string }[] } };
  const { externalIPs = [], clusterIP } = service.spec as { externalIPs?: string[]; clusterIP?: string };
  const balanced = (loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
  return [...balanced, ...externalIPs, ...(clusterIP === undefined ? [] : [clusterIP])];
}

/** The proxy of the gateway's Pods. */
interface GatewayProxy {
  readonly image: string;
  readonly revision: string | undefined;
}

/** Null if no Pod runs, or the user may not list them. An injected gateway has its image in its Pods alone. */
async function proxyOf(
  kube: KubeClient,
  namespace: string,
  selector: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<GatewayProxy | null> {
  const labelSelector = Object.entries(selector)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
  const pods = await listAllowed(kube, { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector }, signal);
  for (const { spec, metadata } of pods) {
    const { containers = [], initContainers = [] } = spec as { [field: string]: { name: string; image?: string }[] };
    const image = [...containers, ...initContainers].find(({ name }) => name === 'istio-proxy')?.image;
    if (image !== undefined) return { image, revision: metadata.labels?.['istio.io/rev'] };
  }
  return null;
}

/** The Deployments of the API server that has Istio's control plane, as far as the user may list them. */
async function controlPlaneDeployments(
  { istio }: KubeClient,
  ofCluster: readonly KubeObject[],
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  if (istio === null) return ofCluster;
  return await listAllowed(istio, { apiVersion: 'apps/v1', kind: 'Deployment' }, signal);
}

async function listAllowed(kube: KubeClient, selection: ResourceSelection, signal: AbortSignal) {
  try {
    if ((await kube.discovery.find(selection)) === undefined) return [];
    return await kube.list(selection, signal);
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return [];
    throw error;
  }
}

/** istiod, that of the gateway's revision if there are several. */
function istiodOf(deployments: readonly KubeObject[], revision: string | undefined): KubeObject | undefined {
  const all = deployments.filter(({ metadata }) => metadata.labels?.app === 'istiod');
  return all.find(({ metadata }) => metadata.labels?.['istio.io/rev'] === revision) ?? all[0];
}

function gatewayComponent(deployment: KubeObject, proxy: GatewayProxy | null): ComponentDescription {
  const found = described('istio ingress gateway', deployment);
  if (proxy === null) return found;
  return {
    ...found,
    version: tagOf(proxy.image) ?? found.version,
    source: `image ${proxy.image}`,
    digest: digestOf(proxy.image),
  };
}

function selectorOf(service: KubeObject): Readonly<Record<string, string>> {
  return (service.spec as { selector?: Record<string, string> }).selector ?? {};
}

function podLabelsOf(deployment: KubeObject): Readonly<Record<string, string>> {
  const { template } = deployment.spec as { template?: { metadata?: { labels?: Record<string, string> } } };
  return template?.metadata?.labels ?? {};
}

function podAnnotationsOf(deployment: KubeObject): Readonly<Record<string, string>> {
  const { template } = deployment.spec as { template?: { metadata?: { annotations?: Record<string, string> } } };
  return template?.metadata?.annotations ?? {};
}

function matches(labels: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([label, value]) => labels[label] === value);
}

function imageOf(deployment: KubeObject): string {
  const { template } = deployment.spec as { template?: { spec?: { containers?: { image?: string }[] } } };
  return template?.spec?.containers?.[0]?.image ?? '';
}

function tagOf(image: string): string | undefined {
  return /:([^/:]+)$/.exec(image.split('@')[0] ?? '')?.[1];
}

function digestOf(image: string): string | null {
  return /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1] ?? null;
}

/** The image's tag; without a tag, or if the cluster sets it, the version label of the chart. */
function versionOf(deployment: KubeObject): string {
  const { labels = {} } = deployment.metadata;
  return tagOf(imageOf(deployment)) ?? labels['app.kubernetes.io/version'] ?? labels['istio.io/rev'] ?? 'unknown';
}

function described(name: string, deployment: KubeObject): ComponentDescription {
  const { namespace, name: deploymentName } = deployment.metadata;
  return {
    name,
    version: versionOf(deployment),
    source: `image ${imageOf(deployment)}`,
    digest: digestOf(imageOf(deployment)),
    note: `found as Deployment ${namespace}/${deploymentName}`,
  };
}
