import { field, text } from '../issuance/recorded-object.ts';
import { type CurrentObject, qualified, type Situation } from './situation.ts';

/**
 * The value of the label `istio` of the gateway that gets the routes of Ingresses (pilot/pkg/config/kube/ingress,
 * getIngressGatewaySelector): from meshConfig.ingressSelector, else from ingressService, else `ingressgateway`.
 */
export function ingressGatewayLabel({ mesh }: Situation): string {
  if (mesh.ingressSelector !== '') return mesh.ingressSelector;
  return mesh.ingressService === '' || mesh.ingressService === 'istio-ingressgateway'
    ? 'ingressgateway'
    : mesh.ingressService;
}

/** Whether a Pod gets the routes of Ingresses. */
export function getsIngresses(pod: CurrentObject, situation: Situation): boolean {
  return field(pod, 'metadata', 'labels', 'istio') === ingressGatewayLabel(situation);
}

/** The Pods of the gateway that requests come in at, as a title; their labels decide which routes they get. */
export function gatewayTitle(situation: Situation): string {
  return `gateway ${qualified(situation.input.subject.gateway)}`;
}

/** `namespace/name` of the Gateway of the Gateway API that made a Pod; null for another Pod. */
export function gatewayApiOwner(pod: CurrentObject): string | null {
  const name = text(field(pod, 'metadata', 'labels'), 'gateway.networking.k8s.io/gateway-name');
  return name === null ? null : `${text(pod, 'metadata', 'namespace')}/${name}`;
}
