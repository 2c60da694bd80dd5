import type { Subject } from '../../evidence/evidence.ts';
import type { ScenarioNames } from './scenario-names.ts';

/**
 * The subject of a scenario whose certificate is served by Istio's ingress gateway: Issuer, Certificate and Secret in the gateway's
 * namespace, named for the scenario, and the application in the scenario's own.
 *
 * @param name of the scenario, so that no other scenario has the same objects
 */
export function servedByIngressGateway(name: string): (names: ScenarioNames) => Omit<Subject, 'expects'> {
  return ({ host, namespace: own, gateway: { namespace, service }, suffix }) => ({
    host,
    issuer: { namespace, name: `${name}-issuer${suffix}` },
    certificate: { namespace, name: `${name}-certs${suffix}` },
    secret: { namespace, name: `${name}-certs${suffix}` },
    solver: 'ingress',
    gateway: { namespace, name: service },
    application: { service: `httpbin.${own}.svc.cluster.local`, port: 8000 },
  });
}

/** The same by the Gateway API: everything in the scenario's own namespace, and a gateway that Istio deploys there. */
export function servedByOwnGateway({ host, namespace }: ScenarioNames): Omit<Subject, 'expects'> {
  return {
    host,
    issuer: { namespace, name: 'letsencrypt-prod-issuer' },
    certificate: { namespace, name: 'httpbin-certs' },
    secret: { namespace, name: 'httpbin-certs' },
    solver: 'gateway-httproute',
    gateway: { namespace, name: 'httpbin-istio' },
    application: { service: `httpbin.${namespace}.svc.cluster.local`, port: 8000 },
  };
}
