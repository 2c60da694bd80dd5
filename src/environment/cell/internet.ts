import { randomBytes } from 'node:crypto';
import type { BinaryPath } from '../../components/index.ts';
import { configurePebble, pebbleSettings } from '../ca/pebble.ts';
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
/** Pebble's configuration in the cell's internet. */
export function pebbleConfiguration(): string {
  return configurePebble({
    directoryPort,
    managementPort,
    certificate: `${internetFolder}/acme-directory.crt`,
    privateKey: `${internetFolder}/acme-directory.key`,
  });
}

const updateKeyName = 'padlock-update';

/** A key for RFC 2136 updates signed by TSIG (RFC 8945), in BIND's own syntax, which nsupdate reads too. */
export function updateKey(): string {
  return `key "${updateKeyName}" { algorithm hmac-sha256; secret "${randomBytes(32).toString('base64')}"; };\n`;
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
  update-policy { grant ${updateKeyName} zonesub ANY; };
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
