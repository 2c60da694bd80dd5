import { isIP } from 'node:net';
import type { RunningEnvironment } from '../../environment/environment.ts';
import { KubeClient } from '../../kube/client.ts';
import { loadBalancerAddress } from '../../kube/load-balancer-address.ts';
import { UserError } from '../../user-error.ts';
import { type MadeEnvironment, madeEnvironment } from './made-environment.ts';

interface DnsOptions {
  readonly name: string;
}

const theGateway = 'gateway';
/** RFC 1123, section 2.1, with a wildcard as the first label (RFC 4592). */
const hostName = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * `padlock dns set HOST [ADDRESS…]`: points a host at addresses, for Pods, the CA and clients outside alike.
 *
 * @throws UserError (2) for what is no host below the domain or no address
 */
export async function setDns(host: string, addresses: readonly string[], { name }: DnsOptions): Promise<number> {
  const wanted = addresses.length === 0 ? [theGateway] : addresses;
  const wrong = wanted.find((address) => address !== theGateway && isIP(address) === 0);
  if (wrong !== undefined) {
    throw new UserError(`'${wrong}' is no address. Pass IP addresses, or '${theGateway}' for the ingress gateway's.`);
  }
  const environment = await madeEnvironment(name);
  const own = hostBelow(host, environment.made, name);
  const set = await Promise.all(
    wanted.map((address) => (address === theGateway ? addressOfGateway(environment) : address)),
  );
  await environment.made.setAddresses(own, set);
  process.stderr.write(`${own} has the address ${set.join(', ')}.\n`);
  return 0;
}

/** `padlock dns unset HOST` @throws UserError (2) for what is no host below the domain */
export async function unsetDns(host: string, { name }: DnsOptions): Promise<number> {
  const { made } = await madeEnvironment(name);
  const own = hostBelow(host, made, name);
  await made.setAddresses(own, []);
  process.stderr.write(`${own} has no address.\n`);
  return 0;
}

function hostBelow(given: string, { domain }: Pick<RunningEnvironment, 'domain'>, name: string): string {
  const host = given.toLowerCase().replace(/\.$/, '');
  if (!hostName.test(host)) throw new UserError(`'${given}' is no host name.`);
  if (host.endsWith(`.${domain}`)) return host;
  throw new UserError(`${host} is not below ${domain}, the domain of the name server of '${name}'.`);
}

async function addressOfGateway({ made, kubeconfig, context, istio }: MadeEnvironment): Promise<string> {
  const { namespace, service: name } = made.gateway;
  await using kube = await KubeClient.open({ path: kubeconfig, context, istio });
  const service = await kube.get({ apiVersion: 'v1', kind: 'Service', namespace, name });
  const address = service === undefined ? null : await loadBalancerAddress(service);
  if (address !== null) return address;
  throw new UserError(`The ingress gateway ${namespace}/${name} has no address.`, { exitCode: 3 });
}
