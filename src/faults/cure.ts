import type { ObjectRef } from '../kube/kube-object.ts';

/**
 * What ends a fault. It counts once it was seen to work: after it, the traced Certificate becomes Ready and the host serves it.
 * The remedy of the rule that names the fault says the same.
 */
export interface Cure {
  /** What a user does, in one to three imperative sentences. */
  readonly says: string;
  /**
   * The same, as Padlock does it where the fault was staged on its own, in order; see `cureFault`. Empty for a fault that is
   * staged in a scenario alone.
   */
  readonly steps: readonly CureStep[];
  /** Whether it makes another Certificate, `fault-ID` in the namespace of the ingress gateway, which is served afterwards. */
  readonly isInGatewayNamespace?: boolean;
}

/** One step of a cure. */
export type CureStep =
  /** Applies a manifest file: the objects as they should have been, whole. It has the placeholders of the fault's manifest. */
  | { readonly apply: string }
  /** Deletes an object, if it exists. Name and namespace may contain `${namespace}` and other placeholders. */
  | { readonly remove: ObjectRef }
  /** Points the host at an address. */
  | { readonly pointHostAt: HostAddress }
  /** Issues the traced Certificate again at once, as `cmctl renew` does, where cert-manager would wait before it tries again. */
  | { readonly renew: true };

/**
 * Where a host name points: at the ingress gateway, at no address, at an IP address, at the ingress gateway and another IP address, or at the LoadBalancer address of a
 * Service, whose names may contain placeholders.
 */
export type HostAddress =
  | 'gateway'
  | 'nowhere'
  | { readonly ip: string }
  | { readonly gatewayAnd: string }
  | { readonly service: { readonly namespace: string; readonly name: string } };

/** The namespace of a fault, or another one that is named for it, as a placeholder for the names in a cure or an address. */
export function namespaceOfFault(suffix = ''): string {
  return `\${namespace}${suffix}`;
}

/** A placeholder of a fault's manifests, for the names in a cure; see `placeholdersOf`. */
export function placeholder(name: string): string {
  return `\${${name}}`;
}
