import type { Scenario } from '../src/suite/scenario.ts';
import { caScenarios } from './ca/index.ts';
import http01GatewayApi from './core/http01-gateway-api.ts';
import http01Ingress from './core/http01-ingress.ts';
import missingIngressClass from './core/missing-ingress-class.ts';

/** The suites by name; a suite is a list of scenarios in the order in which they are reported. */
export const suites: Readonly<Record<string, readonly Scenario[]>> = {
  core: [http01Ingress, http01GatewayApi, missingIngressClass],
  ca: caScenarios,
};

/** Every scenario of every suite, each once. */
export const allScenarios: readonly Scenario[] = [...new Set(Object.values(suites).flat())];
