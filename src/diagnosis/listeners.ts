import { namesHost } from '../evidence/hosts-of-object.ts';
import { field, list, text } from '../issuance/recorded-object.ts';
import { type CurrentObject, type Situation, titleOf } from './situation.ts';

const gatewayApiGroup = 'gateway.networking.k8s.io';

/** A listener of a Gateway of the Gateway API, or of a ListenerSet that belongs to one. */
export interface Listener {
  readonly owner: CurrentObject;
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly spec: unknown;
}

/** The parent that a route names, where it was seen. */
export function parentsOf(
  route: CurrentObject,
  situation: Situation,
): readonly { reference: unknown; parent: CurrentObject }[] {
  return list(route, 'spec', 'parentRefs').flatMap((reference) => {
    const namespace = text(reference, 'namespace') ?? text(route, 'metadata', 'namespace') ?? '';
    const kind = text(reference, 'kind') ?? 'Gateway';
    const group = text(reference, 'group') ?? gatewayApiGroup;
    const parent = situation.named(group, kind, { namespace, name: text(reference, 'name') ?? '' });
    return parent === null ? [] : [{ reference, parent }];
  });
}

export function listenersOf(owner: CurrentObject): readonly Listener[] {
  return list(owner, 'spec', 'listeners').map((spec) => ({
    owner,
    spec,
    name: text(spec, 'name') ?? '',
    port: Number(field(spec, 'port') ?? 0),
    protocol: text(spec, 'protocol') ?? '',
  }));
}

/** Why a listener does not take a route for a host, a clause; null where it does (Gateway API, AllowedRoutes). */
export function whyNotTaken(
  listener: Listener,
  route: CurrentObject,
  host: string,
  situation: Situation,
): string | null {
  if (!['HTTP', 'HTTPS'].includes(listener.protocol)) return `its protocol is ${listener.protocol}`;
  const hostname = text(listener.spec, 'hostname');
  if (hostname !== null && !namesHost(hostname, host)) return `its hostname is ${hostname}`;
  const kinds = list(listener.spec, 'allowedRoutes', 'kinds').flatMap((kind) => text(kind, 'kind') ?? []);
  if (kinds.length > 0 && !kinds.includes('HTTPRoute')) return `it takes the kinds ${kinds.join(', ')} alone`;
  const own = text(listener.owner, 'metadata', 'namespace');
  const namespace = text(route, 'metadata', 'namespace') ?? '';
  const from = text(listener.spec, 'allowedRoutes', 'namespaces', 'from') ?? 'Same';
  if (from === 'All' || (from === 'Same' && own === namespace)) return null;
  if (from === 'None') return 'it takes no routes (allowedRoutes None)';
  if (from === 'Same') return `it takes no routes from the namespace ${namespace} (allowedRoutes Same)`;
  const labels = field(situation.named('', 'Namespace', { namespace: '', name: namespace }), 'metadata', 'labels');
  if (labels === undefined) return null;
  return matchesLabels(field(listener.spec, 'allowedRoutes', 'namespaces', 'selector'), labels)
    ? null
    : `the labels of the namespace ${namespace} do not match its allowedRoutes selector`;
}

/** Whether labels match a LabelSelector (Kubernetes: matchLabels and matchExpressions). */
export function matchesLabels(selector: unknown, labels: unknown): boolean {
  const wanted = Object.entries(Object(field(selector, 'matchLabels')));
  return (
    wanted.every(([name, value]) => field(labels, name) === value) &&
    list(selector, 'matchExpressions').every((expression) => {
      const value = field(labels, text(expression, 'key') ?? '');
      const values = list(expression, 'values');
      switch (text(expression, 'operator')) {
        case 'In':
          return values.includes(value);
        case 'NotIn':
          return !values.includes(value);
        case 'Exists':
          return value !== undefined;
        default:
          return value === undefined;
      }
    })
  );
}

/** How messages name a listener. */
export function listenerTitle({ owner, name, port }: Listener): string {
  return `listener ${name} on port ${port} of ${titleOf(owner)}`;
}
