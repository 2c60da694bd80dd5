import { namesHost } from '../evidence/hosts-of-object.ts';
import { field, list, text, texts } from '../issuance/recorded-object.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { ClusterView } from './cluster-view.ts';
import { servicesAt } from './reads.ts';

const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name';
/** The label of Istio's default ingress gateway; its Ingress controller selects it (meshConfig.ingressSelector). */
const defaultGatewayLabel = { istio: 'ingressgateway' };

/** The gateway that requests for a host come through. */
export interface GatewayOfHost {
  /** The Service that clients reach; its namespace is where Istio looks for TLS Secrets. */
  readonly service: { readonly namespace: string; readonly name: string };
  readonly pods: readonly { readonly namespace: string; readonly name: string }[];
}

/**
 * Finds the gateway of a host: the one whose Service has an address of the host; else for a solver HTTPRoute the Pods of its parent Gateway, else those that an Istio Gateway for
 * the host selects, else Istio's default ingress gateway.
 */
export async function gatewayOfHost(
  view: ClusterView,
  host: string,
  parentGateway: { readonly namespace: string; readonly name: string } | null,
  addresses: readonly string[] = [],
): Promise<GatewayOfHost | null> {
  const byAddress = await gatewayAt(view, addresses);
  if (byAddress !== null) return byAddress;
  const [gateways, labelled, byDefault] = await Promise.all([
    view.list({ apiVersion: 'networking.istio.io/v1', kind: 'Gateway' }),
    view.list({ apiVersion: 'v1', kind: 'Pod', labelSelector: gatewayNameLabel }),
    view.list({ apiVersion: 'v1', kind: 'Pod', labelSelector: selectorText(defaultGatewayLabel) }),
  ]);
  const ofParent =
    parentGateway === null
      ? []
      : labelled.filter(
          ({ metadata }) =>
            metadata.namespace === parentGateway.namespace &&
            metadata.labels?.[gatewayNameLabel] === parentGateway.name,
        );
  const selectors = gateways
    .filter((gateway) =>
      list(gateway, 'spec', 'servers').some((server) =>
        texts(server, 'hosts').some((pattern) => namesHost(pattern, host) && pattern !== '*'),
      ),
    )
    .flatMap((gateway) => labelsOf(field(gateway, 'spec', 'selector')));
  const selected = (
    await Promise.all(
      selectors.map((labels) => view.list({ apiVersion: 'v1', kind: 'Pod', labelSelector: selectorText(labels) })),
    )
  ).flat();
  const pods = [ofParent, selected, byDefault, labelled].find((candidates) => candidates.length > 0) ?? [];
  const [first] = pods;
  if (first === undefined) return null;
  const namespace = first.metadata.namespace ?? '';
  const services = await view.list({ apiVersion: 'v1', kind: 'Service', namespace });
  const ofPods = services.filter((service) => isSelectedBy(service, first));
  const service = ofPods.find((each) => text(each, 'spec', 'type') === 'LoadBalancer') ?? ofPods[0];
  const same = pods.filter(
    (pod) => pod.metadata.namespace === namespace && (service === undefined || isSelectedBy(service, pod)),
  );
  return {
    service: { namespace, name: service?.metadata.name ?? first.metadata.name },
    pods: [...new Map(same.map((pod) => [pod.metadata.name, { namespace, name: pod.metadata.name }])).values()],
  };
}

/**
 * The gateway whose Service has one of some addresses: its Pods run Istio's proxy without an application. Where no Service there has such
 * Pods, one without any Pod: that of a gateway which is scaled to 0.
 */
async function gatewayAt(view: ClusterView, addresses: readonly string[]): Promise<GatewayOfHost | null> {
  if (addresses.length === 0) return null;
  const services = await view.list(
    { apiVersion: 'v1', kind: 'Service' },
    undefined,
    (service) => servicesAt([service], addresses).length > 0,
  );
  let withoutPods: GatewayOfHost | null = null;
  for (const service of services) {
    const [labels] = labelsOf(field(service, 'spec', 'selector'));
    const { namespace = '', name } = service.metadata;
    if (labels === undefined) continue;
    const pods = await view.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: selectorText(labels) });
    const found = { service: { namespace, name }, pods: pods.map((pod) => ({ namespace, name: pod.metadata.name })) };
    if (pods.some(isGatewayPod)) return found;
    if (pods.length === 0) withoutPods ??= found;
  }
  return withoutPods;
}

/** Whether a Pod is a gateway of Istio: by its proxy, which is its only container, or by the labels of gateways. */
function isGatewayPod(pod: KubeObject): boolean {
  const containers = list(pod, 'spec', 'containers').map((container) => text(container, 'name'));
  if (containers.length > 0) return containers.every((name) => name === 'istio-proxy');
  const labels = pod.metadata.labels ?? {};
  return labels[gatewayNameLabel] !== undefined || labels.istio !== undefined;
}

function isSelectedBy(service: KubeObject, pod: KubeObject): boolean {
  const [selector] = labelsOf(field(service, 'spec', 'selector'));
  return (
    selector !== undefined && Object.entries(selector).every(([name, value]) => pod.metadata.labels?.[name] === value)
  );
}

function labelsOf(value: unknown): readonly Readonly<Record<string, string>>[] {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
    ? [value as Record<string, string>]
    : [];
}

function selectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
