import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';

const lockSchema = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) });
const manifestSchema = z.looseObject({ name: z.string(), version: z.string() });

/** A package that `npm ci` installed for this checkout. */
interface Installed {
  readonly folder: string;
  readonly manifest: z.infer<typeof manifestSchema>;
}

/** An npm registry on loopback. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
}

/**
 * Starts a registry on loopback that serves what is installed in a checkout, and nothing else: so npm itself installs the package as a
 * user's npm does, without a network.
 *
 * @param root the folder of the checkout
 */
export async function registryOfInstalled(root: string): Promise<Registry> {
  const packages = Map.groupBy(installedIn(root), ({ manifest }) => manifest.name);
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://registry').pathname);
    const [, name = '', version] = /^\/((?:@[^/]+\/)?[^/]+)(?:\/-\/(.+)\.tgz)?$/.exec(path) ?? [];
    const found = packages.get(name);
    const one = found?.find(({ manifest }) => manifest.version === version);
    if (found === undefined || (version !== undefined && one === undefined)) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    } else if (one !== undefined) {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      tarballOf(one).pipe(response);
    } else {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(packument(name, found, url)));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function installedIn(root: string): readonly Installed[] {
  const lock = lockSchema.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  return Object.keys(lock.packages).flatMap((path) => {
    const folder = join(root, path);
    // Packages for other systems are in the lock file, too.
    if (path === '' || !existsSync(join(folder, 'package.json'))) return [];
    return [{ folder, manifest: manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))) }];
  });
}

function packument(name: string, installed: readonly Installed[], url: string): object {
  const versions = installed.map(({ manifest }) => {
    const dist = { tarball: `${url}/${name}/-/${manifest.version}.tgz` };
    return [manifest.version, { ...manifest, dist }] as const;
  });
  return { name, 'dist-tags': { latest: versions[0]?.[0] }, versions: Object.fromEntries(versions) };
}

function tarballOf({ folder }: Installed) {
  const tar = spawn(
    'tar',
    [
      ...['--create', '--gzip', '--directory', dirname(folder), '--exclude', `${basename(folder)}/node_modules`],
      ...['--transform', `s,^${basename(folder)},package,`, basename(folder)],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return tar.stdout;
}
