import { controlPlane, isPart } from '../diagnosis/control-plane.ts';
import { namesHost } from '../evidence/hosts-of-object.ts';
import { field, list, text, texts } from '../issuance/recorded-object.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { ClusterView } from './cluster-view.ts';

const certManager = 'cert-manager.io/v1';
const acme = 'acme.cert-manager.io/v1';
const networking = 'networking.k8s.io/v1';
const istio = 'networking.istio.io/v1';
const istioSecurity = 'security.istio.io/v1';
const gatewayApi = 'gateway.networking.k8s.io';

/**
 * Reads every kind of object that can decide an issuance or the serving of its certificate. In other namespaces than the
 * Certificate's it keeps what is about the same names, and what applies to gateways.
 */
export async function readObjects(view: ClusterView, certificate: KubeObject): Promise<void> {
  const { namespace = '' } = certificate.metadata;
  const names = [...texts(certificate, 'spec', 'dnsNames'), text(certificate, 'spec', 'commonName') ?? []].flat();
  const isAbout = (patterns: readonly string[]) =>
    patterns.some((pattern) => names.some((name) => overlap(pattern, name)));
  const inNamespace = (apiVersion: string, kind: string) => view.list({ apiVersion, kind, namespace });
  const everywhere = (apiVersion: string, kind: string, keep?: (object: KubeObject) => boolean) =>
    view.list(
      { apiVersion, kind },
      namespace,
      (object) => object.metadata.namespace === namespace || (keep?.(object) ?? true),
    );
  await Promise.all([
    ...['CertificateRequest', 'Certificate'].map((kind) => inNamespace(certManager, kind)),
    everywhere(
      certManager,
      'Issuer',
      ({ metadata }) => metadata.name === text(certificate, 'spec', 'issuerRef', 'name'),
    ),
    view.list({ apiVersion: certManager, kind: 'ClusterIssuer' }),
    everywhere(acme, 'Order', (order) => isAbout(texts(order, 'spec', 'dnsNames'))),
    // All that are under way: cert-manager works on 60 at a time in the whole cluster.
    everywhere(acme, 'Challenge'),
    ...['Pod', 'Service', 'ResourceQuota', 'LimitRange', 'Event'].map((kind) => inNamespace('v1', kind)),
    inNamespace(networking, 'NetworkPolicy'),
    everywhere(networking, 'Ingress', (ingress) =>
      isAbout([
        ...list(ingress, 'spec', 'rules').map((rule) => text(rule, 'host') ?? '*'),
        ...list(ingress, 'spec', 'tls').flatMap((tls) => texts(tls, 'hosts')),
      ]),
    ),
    view.list({ apiVersion: networking, kind: 'IngressClass' }),
    view.list({ apiVersion: 'v1', kind: 'Namespace' }),
    everywhere(istio, 'VirtualService', (service) => isAbout(texts(service, 'spec', 'hosts'))),
    ...['DestinationRule', 'Gateway'].map((kind) => everywhere(istio, kind)),
    everywhere('networking.istio.io/v1alpha3', 'EnvoyFilter'),
    ...['AuthorizationPolicy', 'RequestAuthentication', 'PeerAuthentication'].map((kind) =>
      everywhere(istioSecurity, kind),
    ),
    inNamespace(istio, 'Sidecar'),
    everywhere(`${gatewayApi}/v1`, 'Gateway'),
    everywhere(`${gatewayApi}/v1`, 'HTTPRoute', (route) => {
      const hostnames = texts(route, 'spec', 'hostnames');
      return hostnames.length === 0 || isAbout(hostnames);
    }),
    view.list({ apiVersion: `${gatewayApi}/v1`, kind: 'GatewayClass' }),
    // Newer versions of the Gateway API have v1, and all have v1beta1.
    view.list({ apiVersion: `${gatewayApi}/v1beta1`, kind: 'ReferenceGrant' }, namespace),
    listenerSets(view, namespace),
    controlPlaneDeployments(view),
  ]);
}

/** The Deployments of cert-manager, of istiod and of the cluster's DNS: without them nothing goes on. */
async function controlPlaneDeployments(view: ClusterView): Promise<void> {
  const parts = ['controller', 'webhook', 'istiod', 'dns'] as const;
  await Promise.all(
    parts.map((part) =>
      view.list(
        { apiVersion: 'apps/v1', kind: 'Deployment', labelSelector: controlPlane[part].label.join('=') },
        undefined,
        (deployment) => isPart(deployment, controlPlane[part]),
      ),
    ),
  );
}

/** A ListenerSet is standard since Gateway API 1.5, and experimental (XListenerSet) before. */
async function listenerSets(view: ClusterView, namespace: string): Promise<void> {
  const standard = { apiVersion: `${gatewayApi}/v1`, kind: 'ListenerSet' };
  await view.list(
    (await view.has(standard))
      ? standard
      : { apiVersion: 'gateway.networking.x-k8s.io/v1alpha1', kind: 'XListenerSet' },
    namespace,
  );
}

/** Whether two host patterns have a name in common. */
function overlap(pattern: string, name: string): boolean {
  return namesHost(pattern, name.replace(/^\*\./, 'any.')) || namesHost(name, pattern.slice(pattern.indexOf('/') + 1));
}

/** The Services of type LoadBalancer, or with external addresses, that have one of some addresses. */
export function servicesAt(services: readonly KubeObject[], addresses: readonly string[]): readonly KubeObject[] {
  return services.filter((service) => {
    const own = [
      ...list(service, 'status', 'loadBalancer', 'ingress').flatMap(
        (each) => text(each, 'ip') ?? text(each, 'hostname') ?? [],
      ),
      ...texts(service, 'spec', 'externalIPs'),
    ];
    return own.some((each) => addresses.includes(each)) && field(service, 'spec', 'selector') !== undefined;
  });
}
