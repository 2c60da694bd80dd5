import type { CaaRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { DnsProbe } from '../evidence.ts';
import { type Attempt, observe, withCode } from './probe-observation.ts';
import type { DnsProbeRequest } from './probe-protocol.ts';

type Answer = Extract<DnsProbe['outcome'], { records: unknown }>;

/** Asks the given servers, and no other, for one record type of one name; the hosts file plays no part. */
export async function probeDns(request: DnsProbeRequest): Promise<DnsProbe> {
  const { name, servers, host, type, withinMs } = request;
  const { at, durationMs, outcome } = await observe(withinMs, (attempt) => ask(request, attempt));
  return { kind: 'dns', name, at, durationMs, servers, host, type, outcome };
}

async function ask({ servers, host, type, withinMs }: DnsProbeRequest, attempt: Attempt): Promise<Answer> {
  attempt.lastSeen = `no answer from ${servers.join(', ')}`;
  const resolver = resolverFor(servers, withinMs, attempt);
  switch (type) {
    case 'A':
      return { records: await resolver.resolve4(host) };
    case 'AAAA':
      return { records: await resolver.resolve6(host) };
    case 'CNAME':
      return { records: await resolver.resolveCname(host) };
    case 'NS':
      return { records: await resolver.resolveNs(host) };
    case 'CAA':
      // As in a zone file: flags, tag and value (RFC 8659, section 4).
      return { records: (await resolver.resolveCaa(host)).map(caaText) };
    case 'TXT':
      // The character-strings of one TXT record are one value (RFC 1035, section 3.3.14).
      return { records: (await resolver.resolveTxt(host)).map((strings) => strings.join('')) };
  }
}

function caaText({ critical, ...properties }: CaaRecord): string {
  const [[tag, value] = ['unknown', '']] = Object.entries(properties).filter(([name]) => name !== 'type');
  return `${critical} ${tag} "${String(value)}"`;
}

/** The first address of a host: IPv4, else IPv6. @throws the resolver's error (ENOTFOUND, ENODATA, …) */
export async function resolveAddress(
  host: string,
  server: string,
  withinMs: number,
  attempt: Attempt,
): Promise<string> {
  attempt.lastSeen = `no answer from ${server} for the address of ${host}`;
  const resolver = resolverFor([server], withinMs, attempt);
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const [first] = addresses;
  if (first !== undefined) return first;
  if (v4.status === 'rejected') throw v4.reason;
  throw withCode(`${server} has no address for ${host}`, 'ENODATA');
}

function resolverFor(servers: readonly string[], withinMs: number, attempt: Attempt): Resolver {
  // One try that lasts longer than the probe, so that the probe's own limit ends it and says what was last seen.
  const resolver = new Resolver({ timeout: withinMs + 1000, tries: 1 });
  resolver.setServers(servers.map((server) => (isIPv6(server) ? `[${server}]` : server)));
  attempt.opened.defer(() => resolver.cancel());
  return resolver;
}
