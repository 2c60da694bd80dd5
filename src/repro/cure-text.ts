import { readFileSync } from 'node:fs';
import type { RunningEnvironment } from '../environment/environment.ts';
import type { CureStep, HostAddress } from '../faults/cure.ts';
import type { StandaloneFault } from '../faults/fault.ts';
import { certificateOf, filled, hostPlaceholders, namespaceOf } from '../faults/fault-place.ts';
import { describeRef } from '../kube/kube-object.ts';

type Place = Pick<RunningEnvironment, 'domain' | 'gateway'>;

/** The steps of a fault's cure for people, one each, with the names that it has when it is staged. */
export function cureSteps(fault: StandaloneFault, environment: Place): readonly string[] {
  const values = namesOf(fault, environment);
  return (fault.cure?.steps ?? []).map((step) => wordsOf(step, fault, environment, values));
}

/** The placeholders of a fault's manifests that are names, and no keys or addresses of a certain environment. */
export function namesOf(fault: StandaloneFault, environment: Place): Readonly<Record<string, string>> {
  const { gateway } = environment;
  return {
    ...hostPlaceholders(fault, environment),
    namespace: namespaceOf(fault),
    gatewayNamespace: gateway.namespace,
    gatewayService: gateway.service,
    gatewaySelector: JSON.stringify(gateway.selector),
    ...(gateway.ingressClass === null ? {} : { ingressClass: gateway.ingressClass }),
  };
}

function wordsOf(
  step: CureStep,
  fault: StandaloneFault,
  environment: Place,
  values: Readonly<Record<string, string>>,
): string {
  if ('apply' in step) return `Apply:\n${filled(readFileSync(step.apply, 'utf8'), values).trimEnd()}`;
  if ('remove' in step) {
    const { namespace, name, ...kind } = step.remove;
    const ref = { ...kind, name: filled(name, values) };
    return `Delete ${describeRef(namespace === undefined ? ref : { ...ref, namespace: filled(namespace, values) })}.`;
  }
  if ('pointHostAt' in step) return `Point ${values.host} at ${addressWords(step.pointHostAt, values)}.`;
  const { namespace, name } = certificateOf(fault, { environment });
  return `Issue again at once: cmctl renew -n ${namespace} ${name}`;
}

function addressWords(address: HostAddress, values: Readonly<Record<string, string>>): string {
  if (address === 'gateway') return "the ingress gateway's address";
  if (address === 'nowhere') return 'no address';
  if ('gatewayAnd' in address) return `the ingress gateway's address and ${address.gatewayAnd}`;
  return 'ip' in address
    ? address.ip
    : `the address of Service ${filled(address.service.namespace, values)}/${filled(address.service.name, values)}`;
}
