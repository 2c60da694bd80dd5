import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PebbleVariant, pebble, setUpPebble } from '../../ca-servers/pebble/pebble.ts';
import type { Components } from '../../components/index.ts';
import { directoryHost } from '../outside/outside-services.ts';
import type { RunningCell } from './cell.ts';
import { cellPaths } from './cell-paths.ts';

interface OutsidePebble {
  readonly components: Components;
  /** For its files. */
  readonly folder: string;
  readonly port: number;
}

export interface ExternalAccountPebble extends OutsidePebble {
  /** MAC keys, base64url, by their key identifiers. */
  readonly macKeys: Readonly<Record<string, string>>;
}

/** Starts a second Pebble outside the cell's cluster. It demands external account binding (RFC 8555, section 7.3.4) and ends with the cell. */
export function startExternalAccountPebble(
  cell: RunningCell,
  { macKeys, ...place }: ExternalAccountPebble,
): Promise<ChildProcess> {
  return startOutsidePebble(cell, { ...place, variant: { externalAccounts: macKeys } });
}

/** Starts a second Pebble outside the cell's cluster. It ends with the cell. */
export async function startOutsidePebble(
  cell: RunningCell,
  { components, folder, port, variant }: OutsidePebble & { readonly variant: PebbleVariant },
): Promise<ChildProcess> {
  const { pki } = cellPaths(cell.name);
  const [certificate, privateKey, root] = await Promise.all(
    ['acme-directory.crt', 'acme-directory.key', 'ca.crt'].map((file) => readFile(join(pki, file), 'utf8')),
  );
  const own = join(folder, `pebble-${port}`);
  const setup = setUpPebble(
    {
      folder: own,
      listenAddress: '0.0.0.0',
      host: directoryHost,
      directoryPort: port,
      managementPort: port + 1,
      identity: { certificate: certificate ?? '', privateKey: privateKey ?? '', root: root ?? '' },
      nameServer: `${cell.nameServers[0]}:53`,
      http01Port: 80,
      tlsAlpn01Port: 443,
    },
    variant,
  );
  await mkdir(own);
  for (const { name, content } of setup.files) await writeFile(join(own, name), content, { mode: 0o600 });
  const variables = Object.entries(setup.environment).map(([name, value]) => `${name}=${value}`);
  const started = cell.spawnOutside(['env', ...variables, components.binary(pebble.program), ...setup.arguments]);
  await new Promise<void>((resolve, reject) => {
    started.once('exit', (code) => reject(new Error(`the second Pebble ended with ${code}`)));
    started.stdout?.setEncoding('utf8').on('data', (text: string) => text.includes(pebble.readyLine) && resolve());
  });
  // It lives as long as the cell does, whoever reads on.
  started.stdout?.resume();
  started.unref();
  return started;
}
