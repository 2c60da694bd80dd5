import { groupOf, type KubeObject } from '../kube/kube-object.ts';

/**
 * The host names that an object of an issuance is about, as it writes them: also patterns such as `*.example.test`, and
 * Istio's `namespace/host`. Empty for objects that name none.
 */
export function hostsNamedBy(object: KubeObject): string[] {
  const spec = object.spec;
  switch (`${groupOf(object.apiVersion)}/${object.kind}`) {
    case 'cert-manager.io/Certificate':
    case 'acme.cert-manager.io/Order':
      return [...texts(spec, 'dnsNames'), ...texts(spec, 'commonName')];
    case 'acme.cert-manager.io/Challenge':
      return texts(spec, 'dnsName');
    case '/Secret':
      return ['cert-manager.io/alt-names', 'cert-manager.io/common-name'].flatMap((annotation) =>
        (object.metadata.annotations?.[annotation] ?? '').split(',').filter((name) => name !== ''),
      );
    case 'networking.k8s.io/Ingress':
      return [...texts(spec, 'rules', 'host'), ...texts(spec, 'tls', 'hosts')];
    case 'gateway.networking.k8s.io/HTTPRoute':
      return texts(spec, 'hostnames');
    case 'gateway.networking.k8s.io/Gateway':
      return texts(spec, 'listeners', 'hostname');
    case 'networking.istio.io/Gateway':
      return texts(spec, 'servers', 'hosts');
    case 'networking.istio.io/VirtualService':
      return texts(spec, 'hosts');
    default:
      return [];
  }
}

/** Whether a host name in an object's notation matches a host. */
export function namesHost(pattern: string, host: string): boolean {
  const name = pattern.slice(pattern.indexOf('/') + 1).toLowerCase();
  return (
    name === '*' || name === host.toLowerCase() || (name.startsWith('*.') && host.toLowerCase().endsWith(name.slice(1)))
  );
}

/** All strings at a path of fields; a list on the path or at its end is expanded to its entries. */
function texts(value: unknown, ...path: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => texts(entry, ...path));
  const [field, ...rest] = path;
  if (field === undefined) return typeof value === 'string' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return texts((value as Record<string, unknown>)[field], ...rest);
}
