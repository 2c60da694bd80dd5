import { lookup } from 'node:dns/promises';
import type { KubeObject } from './kube-object.ts';
import { type Predicate, predicateOn } from './until.ts';

interface Ingress {
  readonly ip?: string;
  readonly hostname?: string;
}

/** The first address of a Service's load balancer: an IP address, or a host name on some clouds; null if it has none. */
export function loadBalancerOf(service: KubeObject): string | null {
  const { status } = service as { status?: { loadBalancer?: { ingress?: readonly Ingress[] } } };
  const [first] = status?.loadBalancer?.ingress ?? [];
  return first?.ip ?? first?.hostname ?? null;
}

/** A Service that a load balancer gave something. */
export function hasLoadBalancer(name: string): Predicate<KubeObject> {
  return predicateOn('Service', name, (service) => loadBalancerOf(service) !== null);
}

/** An IP address of a Service's load balancer; a host name is resolved on this machine. Null if there is none. */
export async function loadBalancerAddress(service: KubeObject): Promise<string | null> {
  const given = loadBalancerOf(service);
  if (given === null) return null;
  return lookup(given).then(
    ({ address }) => address,
    // The name exists before its records do.
    () => null,
  );
}
