import { isIP, isIPv6 } from 'node:net';
import { messageOf } from '../../error-message.ts';
import { textOfOption } from '../../option-file.ts';
import { UserError } from '../../user-error.ts';
import type { DynamicUpdates } from '../environment.ts';
import { dynamicUpdates } from '../outside/dynamic-updates.ts';

interface DnsUpdateOptions {
  readonly domain?: string | undefined;
  readonly dnsUpdateServer?: string | undefined;
  readonly dnsUpdateKey?: string | undefined;
}

const defaultPort = 53;

/**
 * The DNS-01 settings of the options; undefined without DNS-01.
 *
 * @throws UserError (2) if one of the two or the domain is missing or invalid; the message never quotes the key
 */
export async function dnsUpdatesOf(options: DnsUpdateOptions): Promise<DynamicUpdates | undefined> {
  const { domain, dnsUpdateServer: server, dnsUpdateKey: file } = options;
  if (server === undefined && file === undefined) return undefined;
  if (server === undefined || file === undefined) {
    throw new UserError('DNS-01 needs both --dns-update-server and --dns-update-key.');
  }
  if (domain === undefined) {
    throw new UserError('--dns-update-server needs --domain, a domain that this name server is authoritative for.');
  }
  const nameServer = withPort(server);
  const key = await textOfOption('--dns-update-key', file);
  try {
    return dynamicUpdates(nameServer, key);
  } catch (error) {
    throw new UserError(`--dns-update-key ${file}: ${messageOf(error)}.`);
  }
}

function withPort(server: string): string {
  if (isIP(server) !== 0) return isIPv6(server) ? `[${server}]:${defaultPort}` : `${server}:${defaultPort}`;
  const [, host = '', port = String(defaultPort)] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/]+)(?::(\d{1,5}))?$/.exec(server) ?? [];
  if (host === '' || Number(port) > 65_535) {
    throw new UserError(`--dns-update-server ${server} is neither an address nor a host name, with or without a port.`);
  }
  return `${host}:${port}`;
}
