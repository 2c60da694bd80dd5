import { randomBytes } from 'node:crypto';
import type { BinaryPath } from '../../components/index.ts';
import type { CellNetwork } from './cell-network.ts';
import type { CellProcess } from './node-components.ts';

/**
 * The internet of a cell: the CA, the authoritative DNS and the clients, outside the cluster. The cell's `internet` folder is
 * /run/internet there; the name server's files are mounted over /etc/bind and /var/cache/bind, where AppArmor profiles of
 * distributions expect them.
 */
export const internetFolder = '/run/internet';
export const domain = 'padlock.test';
export const directoryHost = `acme.${domain}`;
export const directoryPort = 443;
export const managementPort = 15000;
/** What Pebble's validation authority calls itself (its va package). */
export const validationUserAgent = 'LetsEncrypt-Pebble-VA';

/** Pebble's environment: what is chosen here on purpose, for every report to name (its README lists the variables). */
export const pebbleSettings: Readonly<Record<string, string>> = {
  // Validate at once instead of after up to 5 s.
  PEBBLE_VA_NOSLEEP: '1',
  // An authorization that is used again would skip the very route under test.
  PEBBLE_AUTHZREUSE: '0',
  // No random badNonce: a fault that cannot be reproduced proves nothing.
  PEBBLE_WFE_NONCEREJECT: '0',
};

/** How long a client is told to wait before it asks again (RFC 8555 section 7.5.1), in seconds. Pebble's sample says 3 and 5. */
const retryAfterSeconds = 1;

/** Pebble's configuration. One profile only: with several, an order that names none gets a random one. */
export function pebbleConfiguration(): string {
  return JSON.stringify({
    pebble: {
      listenAddress: `0.0.0.0:${directoryPort}`,
      managementListenAddress: `0.0.0.0:${managementPort}`,
      certificate: `${internetFolder}/acme-directory.crt`,
      privateKey: `${internetFolder}/acme-directory.key`,
      httpPort: 80,
      tlsPort: 443,
      ocspResponderURL: '',
      externalAccountBindingRequired: false,
      retryAfter: { authz: retryAfterSeconds, order: retryAfterSeconds },
      keyAlgorithm: 'ecdsa',
      profiles: { default: { description: 'The only profile', validityPeriod: 7_776_000 } },
    },
  });
}

/** A key for RFC 2136 updates signed by TSIG (RFC 8945), in BIND's own syntax, which nsupdate reads too. */
export function updateKey(): string {
  return `key "padlock-update" { algorithm hmac-sha256; secret "${randomBytes(32).toString('base64')}"; };\n`;
}

/** named.conf: authoritative for the cell's domain, no recursion, updates by key. */
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
  update-policy { grant padlock-update zonesub ANY; };
};
`;
}

/** The zone as it is before a scenario adds its hosts. A TTL of 0 and a negative TTL of 0: nothing is remembered. */
export function zoneFile(network: Pick<CellNetwork, 'internetAddress'>): string {
  return `$TTL 0
@ IN SOA ns.${domain}. hostmaster.${domain}. 1 3600 600 86400 0
@ IN NS ns.${domain}.
ns IN A ${network.internetAddress}
acme IN A ${network.internetAddress}
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

/** The long-running processes of the internet. */
export function internetProcesses(binary: BinaryPath, network: CellNetwork): readonly CellProcess[] {
  return [
    {
      name: 'named',
      startsWhen: 'at-once',
      // -g: in the foreground, with its log on stderr.
      command: ['named', '-g', '-4', '-n', '1', '-c', '/etc/bind/named.conf'],
    },
    {
      name: 'pebble',
      startsWhen: 'at-once',
      command: [
        binary('pebble'),
        '-config',
        `${internetFolder}/pebble.json`,
        '-strict',
        '-dnsserver',
        `${network.internetAddress}:53`,
      ],
      environment: pebbleSettings,
    },
  ];
}
