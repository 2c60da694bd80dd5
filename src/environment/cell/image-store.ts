import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Components } from '../../components/index.ts';
import { runToEnd } from '../../run-to-end.ts';
import { writeToDisk } from '../../write-to-disk.ts';
import { containerdConfiguration } from './node/node-configuration.ts';
import { fileAppears } from './processes/file-appears.ts';
import { holdNamespaces, insideNamespaces, runInside } from './processes/namespace-holder.ts';

/** The databases that containerd writes to; everything else in its root is only ever added or removed, never changed. */
const databases = [
  'io.containerd.metadata.v1.bolt/meta.db',
  'io.containerd.snapshotter.v1.overlayfs/metadata.db',
] as const;

const startTimeLimitMs = 20_000;

/**
 * The kept image store: a containerd root with every image imported and unpacked, made once per set of images. Cells
 * get a clone of hard links, so that none waits for an import and none can disturb another.
 *
 * @returns its folder
 * @throws when containerd does not start or an image cannot be imported; the message names containerd's log
 */
export async function ensureImageStore(
  components: Components,
  cacheFolder: string,
  logFolder: string,
): Promise<string> {
  const stores = join(cacheFolder, 'image-stores');
  const store = join(stores, components.key);
  if (existsSync(store)) return store;
  await mkdir(stores, { recursive: true });
  const unfinished = join(stores, `.unfinished-${components.key}-${process.pid}`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    await importImages(components, unfinished, join(logFolder, 'image-store.log'));
    // Nothing checks a store later.
    await writeToDisk(unfinished);
    // Another run may have been faster: its store is as good.
    await rename(unfinished, store).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  await removeOtherStores(stores, components.key);
  return store;
}

/** Old stores are of no use once their images changed; a cell that runs from one has hard links of its own. */
async function removeOtherStores(stores: string, key: string): Promise<void> {
  const dayMs = 86_400_000;
  for (const entry of await readdir(stores)) {
    const path = join(stores, entry);
    const age = Date.now() - (await stat(path)).mtimeMs;
    if (entry !== key && age > dayMs) await rm(path, { recursive: true, force: true });
  }
}

async function importImages(components: Components, root: string, logFile: string): Promise<void> {
  const holder = await holdNamespaces('padlock-images');
  const log = await writeLog(logFile);
  try {
    await runInside(
      holder.pid,
      'mount -t tmpfs tmpfs /run && mkdir -p /run/containerd /run/images && mount -t tmpfs tmpfs /var/lib && mkdir -p /var/lib/containerd && cat > /run/containerd.toml',
      containerdConfiguration(components.binary('containerd-shim-runc-v2')).replace(
        '"/var/lib/containerd"',
        JSON.stringify(root),
      ),
    );
    const [program, ...args] = insideNamespaces(holder.pid, [
      components.binary('containerd'),
      ...['--config', '/run/containerd.toml', '--log-level', 'warn'],
    ]);
    const containerd = spawn(program, args, { stdio: ['ignore', log.fd, log.fd] });
    const ctr = (...rest: string[]) => {
      const [ctrProgram, ...ctrArgs] = insideNamespaces(holder.pid, [
        components.binary('ctr'),
        ...['-n', 'k8s.io'],
        ...rest,
      ]);
      return runToEnd(ctrProgram, ctrArgs);
    };
    const stopped = once(containerd, 'exit').then(() => {
      throw new Error(`containerd ended while images were imported; its log is ${logFile}`);
    });
    stopped.catch(() => {});
    const imported = (async () => {
      await fileAppears(`/proc/${holder.pid}/root/run/containerd/containerd.sock`, startTimeLimitMs);
      for (const image of components.images) await ctr('images', 'import', '--local=false', image.archive);
    })();
    await Promise.race([imported, stopped]);
    containerd.kill('SIGTERM');
    await once(containerd, 'exit');
  } finally {
    log.close();
    holder.process.kill('SIGKILL');
  }
}

async function writeLog(file: string): Promise<{ fd: number; close(): void }> {
  await appendFile(file, '');
  const { openSync, closeSync } = await import('node:fs');
  const fd = openSync(file, 'a');
  return { fd, close: () => closeSync(fd) };
}

/**
 * Clones the kept store into a cell: hard links where both are on one file system, copies elsewhere.
 */
export async function cloneImageStore(store: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await runToEnd('cp', ['--archive', '--link', `${store}/.`, target]).catch(async () => {
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { recursive: true });
    await runToEnd('cp', ['--archive', '--reflink=auto', `${store}/.`, target]);
  });
  await Promise.all(
    databases.map(async (database) => {
      if (!existsSync(join(store, database))) return;
      await rm(join(target, database));
      await cp(join(store, database), join(target, database));
    }),
  );
}
