import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '../../kube/kube-object.ts';
import { hasLoadBalancer, loadBalancerAddress, loadBalancerOf } from '../../kube/load-balancer-address.ts';
import { TimeoutError } from '../../kube/until.ts';
import type { ScenarioContext } from '../context/context.ts';
import { within } from '../context/time-limits.ts';

/**
 * Waits for the address of the gateway and points the scenario's names at it, for Pods, the CA and clients alike.
 *
 * @throws TimeoutError
 */
export async function pointHostAtGateway(context: ScenarioContext): Promise<void> {
  await pointHostAtAddress(context, await gatewayAddress(context));
}

/** Waits for the address of the gateway, for probes, and points no name at it: nobody asks for the names. @throws TimeoutError */
export async function findGateway(context: ScenarioContext): Promise<void> {
  context.gatewayAddress = await gatewayAddress(context);
}

async function gatewayAddress(context: ScenarioContext): Promise<string> {
  return await addressOfGateway(context, context.subject.gateway);
}

/** Waits for the address of the Service of a gateway. @throws TimeoutError */
export async function addressOfGateway(
  context: ScenarioContext,
  { namespace, name }: ScenarioContext['subject']['gateway'],
): Promise<string> {
  const { environment } = context.parts;
  const service = await context.wait(
    { apiVersion: 'v1', kind: 'Service', namespace },
    hasLoadBalancer(name),
    `Service ${namespace}/${name} to get an address`,
    environment.belongsToOthers ? within.addressOfOthers : within.address,
  );
  return await addressOf(context, service);
}

/** Points the scenario's names at an address that stands for the gateway: probes go there, too. */
export async function pointHostAtAddress(context: ScenarioContext, address: string): Promise<void> {
  context.gatewayAddress = address;
  for (const host of context.addressableHosts) await context.pointAt(host, address);
}

/** The host name of a cloud's load balancer exists before its records do, and records cannot be watched, so this polls. */
async function addressOf(context: ScenarioContext, service: KubeObject): Promise<string> {
  const { signal } = context.parts;
  const what = `the resolver of this machine to know ${loadBalancerOf(service)}`;
  const withinMs = within.addressOfOthers;
  const deadline = Date.now() + withinMs;
  const known = await loadBalancerAddress(service);
  if (known !== null) return known;
  return await context.waiting(what, withinMs, async () => {
    for (;;) {
      const address = await loadBalancerAddress(service);
      if (address !== null) return address;
      if (Date.now() > deadline) throw new TimeoutError(what, withinMs, 'no address of that name');
      await delay(1_000, undefined, { signal });
    }
  });
}
