import type { OwnScenarioNames } from './own-scenario-names.ts';

/** The placeholders whose values follow from the names of a user's scenario. */
export function namePlaceholders({ host, namespace, gateway }: OwnScenarioNames): Readonly<Record<string, string>> {
  return { host, namespace, gatewayNamespace: gateway.namespace, gatewayService: gateway.service };
}
