import { randomBytes } from 'node:crypto';

/** The domain whose host names an environment of Padlock's own creates. */
export const domain = 'padlock.test';

const updateKeyName = 'padlock-update';

/** A key for RFC 2136 updates signed by TSIG (RFC 8945), in BIND's own syntax, which nsupdate reads too. */
export function updateKey(): string {
  return `key "${updateKeyName}" { algorithm hmac-sha256; secret "${randomBytes(32).toString('base64')}"; };\n`;
}

/** named.conf: authoritative for the domain, no recursion, updates by key. */
export function nameServerConfiguration(): string {
  return `include "/etc/bind/update.key";
options {
  directory "/var/cache/bind";
  listen-on port 53 { any; };
  listen-on-v6 { none; };
  recursion no;
  allow-transfer { none; };
  notify no;
  dnssec-validation no;
  session-keyfile none;
  pid-file none;
};
controls { };
zone "${domain}" {
  type primary;
  file "/var/cache/bind/${domain}.zone";
  update-policy { grant ${updateKeyName} zonesub ANY; };
};
`;
}

/**
 * The zone before a scenario adds its hosts. TTL and negative TTL are 0, so that nothing is cached.
 *
 * @param address of the name server and of the CA
 */
export function zoneFile(address: string): string {
  return `$TTL 0
@ IN SOA ns.${domain}. hostmaster.${domain}. 1 3600 600 86400 0
@ IN NS ns.${domain}.
ns IN A ${address}
acme IN A ${address}
`;
}

/** The commands for nsupdate(1) that replace the addresses of one host. */
export function addressUpdate(host: string, addresses: readonly string[], server: string): string {
  return [
    `server ${server}`,
    `zone ${domain}`,
    `update delete ${host}. A`,
    `update delete ${host}. AAAA`,
    ...addresses.map((address) => `update add ${host}. 0 ${address.includes(':') ? 'AAAA' : 'A'} ${address}`),
    'send',
    '',
  ].join('\n');
}

/** The commands for nsupdate(1) that make a name an alias of another one, or remove the alias. */
export function aliasUpdate(name: string, target: string | null, server: string): string {
  return [
    `server ${server}`,
    `zone ${domain}`,
    `update delete ${name}. CNAME`,
    ...(target === null ? [] : [`update add ${name}. 0 CNAME ${target}.`]),
    'send',
    '',
  ].join('\n');
}
