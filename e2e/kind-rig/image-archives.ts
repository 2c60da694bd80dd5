/**
 * Fills a folder for `--image-archive`: the images of all components, and those of what runs beside the node, made of Pebble and
 * Toxiproxy as they are built here and of this machine's BIND. `node e2e/kind-rig/image-archives.ts <folder>`
 */
import { mkdir, realpath, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buildComponents } from '../../src/components/index.ts';
import { writeOciImage } from '../../src/components/oci-image.ts';
import { outsideImages } from '../../src/environment/kind/outside-images.ts';
import { runToEnd } from '../../src/run-to-end.ts';

const [folder = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const components = await buildComponents({ besides: ['toxiproxy'], signal, onProgress: () => {} });
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const { archive } of components.images) await symlink(archive, join(folder, basename(archive)));

const files: Record<string, string> = {};
for (const program of ['named', 'nsupdate']) {
  const file = (await runToEnd('sh', ['-c', `command -v ${program}`])).trim();
  files[`/usr/bin/${program}`] = await realpath(file);
  for (const [, library = ''] of (await runToEnd('ldd', [file])).matchAll(/(?:=>\s*)?(\/\S+)\s+\(0x/g)) {
    files[library] = await realpath(library);
  }
}
await writeOciImage(
  { name: outsideImages.nameServer, files, entrypoint: ['/usr/bin/named'], user: '0:0' },
  join(folder, 'bind9.tar'),
);
await writeOciImage(
  { name: outsideImages.ca, files: { '/app': components.binary('pebble') }, entrypoint: ['/app'], user: '0:0' },
  join(folder, 'pebble.tar'),
);
await writeOciImage(
  {
    name: outsideImages.directoryProxy,
    files: { '/toxiproxy': components.binary('toxiproxy-server') },
    entrypoint: ['/toxiproxy'],
    user: '0:0',
  },
  join(folder, 'toxiproxy.tar'),
);
