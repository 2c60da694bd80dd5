import { lookup } from 'node:dns/promises';
import { UserError } from '../../user-error.ts';
import { runDnsHook } from './dns-hook.ts';

/** How the host names of a run get the gateway's address. */
export interface HostNames {
  readonly domain: string;
  /** Whether a name can have any address; otherwise only the ingress gateway's. */
  readonly anyAddress: boolean;
  setAddresses(host: string, addresses: readonly string[]): Promise<void>;
}

export interface HostNameOptions {
  /** The user's domain: with a hook, any name below it can be set; without a hook, it needs a wildcard record. */
  readonly domain?: string | undefined;
  readonly dnsHook?: string | undefined;
  /** A domain that resolves names to the address in the name, such as sslip.io and nip.io. */
  readonly addressDomain?: string | undefined;
}

/** @throws UserError (2) for conflicting options */
export function checkHostNameOptions({ domain, dnsHook, addressDomain }: HostNameOptions): void {
  if (domain !== undefined && addressDomain !== undefined) {
    throw new UserError('Pass either --domain or --address-domain, not both.');
  }
  if (domain === undefined && addressDomain === undefined) {
    throw new UserError(
      'A run needs host names: pass --domain, or --address-domain sslip.io for names that contain the address.',
    );
  }
  if (dnsHook !== undefined && domain === undefined) throw new UserError('--dns-hook needs --domain.');
}

/** What the hosts of a run resolve to, if a wildcard record gives their addresses; undefined if these follow from the gateway. */
export function addressesOfHosts({ domain, dnsHook }: HostNameOptions): (() => Promise<readonly string[]>) | undefined {
  if (domain === undefined || dnsHook !== undefined) return undefined;
  return async () => {
    const found = await lookup(`padlock.${domain}`, { all: true }).catch(() => []);
    return found.map(({ address }) => address);
  };
}

/** @throws UserError: (2) for conflicting options, (3) if the gateway has no address to put into names */
export function hostNames(options: HostNameOptions, gatewayAddress: string | null): HostNames {
  checkHostNameOptions(options);
  const { domain, dnsHook, addressDomain } = options;
  if (domain !== undefined && dnsHook !== undefined) {
    return { domain, anyAddress: true, setAddresses: (host, addresses) => runDnsHook(dnsHook, host, addresses) };
  }
  if (gatewayAddress === null) {
    throw new UserError(
      'The Service of the ingress gateway has no IP address (status.loadBalancer). Use --domain with --dns-hook to point host names at it.',
      { exitCode: 3 },
    );
  }
  const fixed = domain ?? `${gatewayAddress.replaceAll(/[.:]/g, '-')}.${addressDomain}`;
  return { domain: fixed, anyAddress: false, setAddresses };
}

/** Sets nothing: verifies that the name already has the address. */
async function setAddresses(host: string, addresses: readonly string[]): Promise<void> {
  if (addresses.length === 0) return;
  const found = await lookup(host, { all: true }).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
  const seen = typeof found === 'string' ? found : found.map(({ address }) => address).join(', ');
  if (typeof found !== 'string' && addresses.every((wanted) => found.some(({ address }) => address === wanted))) return;
  throw new UserError(
    `${host} does not have the address of the ingress gateway, ${addresses.join(', ')}, but ${seen}; let a wildcard record point there, or give --dns-hook.`,
    { exitCode: 3 },
  );
}
