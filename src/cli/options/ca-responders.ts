import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { ListenAddress } from '../../acme/responders/listen.ts';
import {
  type RespondersRequest,
  type StartedResponders,
  startResponders,
} from '../../acme/responders/start-responders.ts';
import { findProgram } from '../../find-program.ts';
import { UserError } from '../../user-error.ts';

/** The options that say what answers challenges, and where. */
export interface ResponderOptions {
  readonly domain: readonly string[];
  readonly httpPort?: string;
  readonly tlsPort?: string;
  readonly dns?: string;
  readonly dnsHook?: string;
  readonly listen?: string;
  readonly address?: readonly string[];
}

/** @throws UserError (2) for what is no port or address, and where something cannot listen */
export async function respondersOf(options: ResponderOptions, directory: URL): Promise<StartedResponders> {
  const address = listenAddressOf(options, directory);
  if (isIP(address) === 0) throw new UserError(`--listen ${address} is not an IP address.`);
  const wrong = options.address?.find((one) => isIP(one) === 0);
  if (wrong !== undefined) throw new UserError(`--address ${wrong} is not an IP address.`);
  if (options.dns !== undefined && options.dnsHook !== undefined) {
    throw new UserError("Pass either --dns or --dns-hook, not both: either Padlock's name server answers, or yours.");
  }
  if (options.dnsHook !== undefined && (await findProgram(resolve(options.dnsHook))) === null) {
    throw new UserError(`--dns-hook ${options.dnsHook} is not an executable program.`);
  }
  const request: RespondersRequest = {
    http: portOf('--http-port', options.httpPort, address),
    tlsAlpn: portOf('--tls-port', options.tlsPort, address),
    dns: endpointOf(options.dns),
    dnsHook: options.dnsHook === undefined ? undefined : resolve(options.dnsHook),
    domains: domainsOf(options),
    addresses: options.address ?? [isLoopback(directory.hostname) ? '127.0.0.1' : await localAddressTowards(directory)],
  };
  return startResponders(request);
}

const longestName = 253;

/**
 * The domains, without a final dot.
 *
 * @throws UserError (2) for what is none
 */
export function domainsOf(
  { domain }: Pick<ResponderOptions, 'domain'>,
  option = '--domain',
): readonly [string, ...string[]] {
  const names = domain.map((name) => name.replace(/\.$/, '').toLowerCase());
  const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
  const wrong = names.findIndex(
    (name) => name.length > longestName || !name.split('.').every((one) => label.test(one)),
  );
  if (wrong >= 0) {
    throw new UserError(
      `${option} ${domain[wrong]} is not a domain name. Write internationalized names in their xn-- form.`,
    );
  }
  const [first, ...more] = names;
  if (first === undefined) throw new UserError('Pass a domain with --domain.');
  return [first, ...more];
}

/** Where HTTP and TLS listen: nowhere that others can reach, where the CA is on this machine. */
export function listenAddressOf({ listen }: Pick<ResponderOptions, 'listen'>, directory: URL): string {
  return listen ?? (isLoopback(directory.hostname) ? '127.0.0.1' : '::');
}

/** One sentence on what listens where; null if nothing does. */
export function describeResponders(
  { http, tlsAlpn, dns }: StartedResponders,
  domains: readonly string[],
  address: string,
): string | null {
  const at = isIP(address) === 6 ? `[${address}]` : address;
  const parts = [
    ...(http ? [`http-01 on ${at}:${http.port}`] : []),
    ...(tlsAlpn ? [`tls-alpn-01 and HTTPS on ${at}:${tlsAlpn.port}`] : []),
    ...(dns
      ? [
          dns.isOwn && 'port' in dns
            ? `dns-01 as name server of ${domains.join(', ')} on port ${dns.port}`
            : 'dns-01 by the hook',
        ]
      : []),
  ];
  return parts.length === 0 ? null : `Challenges are answered: ${parts.join(', ')}.`;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function portOf(option: string, text: string | undefined, address: string): ListenAddress | undefined {
  if (text === undefined) return undefined;
  return { address, port: parsedPort(`${option} ${text}`, text) };
}

function endpointOf(text: string | undefined): ListenAddress | undefined {
  if (text === undefined) return undefined;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? '';
  if (isIP(address) === 0 || port === undefined) {
    throw new UserError(`--dns ${text} is not ADDRESS:PORT, e.g. 127.0.0.1:5353 or [::]:53.`);
  }
  return { address, port: parsedPort(`--dns ${text}`, port) };
}

function parsedPort(what: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UserError(`${what}: a port is a number from 0 to 65535, where 0 takes any that is free.`);
}

/** The address of this machine that packets to the CA carry; nothing is sent. */
async function localAddressTowards(directory: URL): Promise<string> {
  const host = directory.hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
  try {
    return await new Promise<string>((found, reject) => {
      socket.once('error', reject);
      socket.connect(443, host, () => found(socket.address().address));
    });
  } catch {
    // The request for the directory says better why the CA cannot be reached.
    return '127.0.0.1';
  } finally {
    socket.close();
  }
}
