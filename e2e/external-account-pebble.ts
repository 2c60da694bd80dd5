import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Components } from '../src/components/index.ts';
import type { RunningCell } from '../src/environment/cell/cell.ts';

export interface ExternalAccountPebble {
  readonly components: Components;
  /** For its configuration. */
  readonly folder: string;
  readonly port: number;
  /** MAC keys, base64url, by their key identifiers. */
  readonly macKeys: Readonly<Record<string, string>>;
}

/** A second Pebble in the cell's outside, which demands external account binding (RFC 8555 section 7.3.4). It ends with the cell. */
export async function startExternalAccountPebble(
  cell: RunningCell,
  { components, folder, port, macKeys }: ExternalAccountPebble,
): Promise<void> {
  const file = join(folder, 'pebble-eab.json');
  const pebble = {
    listenAddress: `0.0.0.0:${port}`,
    managementListenAddress: `0.0.0.0:${port + 1}`,
    certificate: '/run/outside/acme-directory.crt',
    privateKey: '/run/outside/acme-directory.key',
    httpPort: 80,
    tlsPort: 443,
    ocspResponderURL: '',
    externalAccountBindingRequired: true,
    externalAccountMACKeys: macKeys,
  };
  await writeFile(file, JSON.stringify({ pebble }), { mode: 0o600 });
  const dns = `${cell.nameServers[0]}:53`;
  const started = cell.spawnOutside([components.binary('pebble'), '-config', file, '-dnsserver', dns]);
  await new Promise<void>((resolve, reject) => {
    started.once('exit', (code) => reject(new Error(`the Pebble with external accounts ended with ${code}`)));
    started.stdout
      ?.setEncoding('utf8')
      .on('data', (text: string) => text.includes('ACME directory available') && resolve());
  });
  // It lives as long as the cell does, whoever reads on.
  started.stdout?.resume();
  started.unref();
}
