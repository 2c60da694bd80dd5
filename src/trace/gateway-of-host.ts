import { namesHost } from '../evidence/hosts-of-object.ts';
import { field, list, text, texts } from '../issuance/recorded-object.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { ClusterView } from './cluster-view.ts';

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
 * Finds the gateway of a host: for a solver HTTPRoute the Pods of its parent Gateway, else those that an Istio Gateway for
 * the host selects, else Istio's default ingress gateway.
 */
export async function gatewayOfHost(
  view: ClusterView,
  host: string,
  parentGateway: { readonly namespace: string; readonly name: string } | null,
): Promise<GatewayOfHost | null> {
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
