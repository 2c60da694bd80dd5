import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Components } from '../../../components/index.ts';
import { messageOf } from '../../../error-message.ts';
import { runToEnd } from '../../../run-to-end.ts';

/**
 * A prepared state: what etcd has after an ordinary installation, without what belongs to one cell, in a folder of the cache. See
 * docs/decisions/0018-a-prepared-state.md.
 *
 * Increased when what is taken, or how it is restored, changes.
 */
const formatVersion = 1;

/** Every one is about 4 MB. */
const mostStates = 6;

const recordSchema = z.object({
  formatVersion: z.literal(formatVersion),
  key: z.string(),
  takenAt: z.string(),
  /** SHA-256, lower-case hexadecimal, by the path in the folder. */
  files: z.record(z.string(), z.string()),
});

const objectsSchema = z.object({
  authorities: z.array(
    z.object({ id: z.string(), certificate: z.string(), keyForm: z.enum(['pkcs1', 'sec1', 'pkcs8']) }),
  ),
  objects: z.array(z.object({ key: z.string(), object: z.unknown() })),
});

/** The objects with marks, and what new authorities are made like. */
export type StateObjects = z.infer<typeof objectsSchema>;

/** A prepared state whose files are as they were written. */
export interface IntactState extends StateObjects {
  /** algorithm:value, of its record, which has the digests of all its files. */
  readonly digest: string;
}

/** The programs whose version or command line decides what is in etcd. */
const deciding = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'] as const;

/**
 * The key of a prepared state: equal keys mean that an ordinary installation would give the same.
 *
 * @param commands the command lines of a cell's control plane, whichever cell
 * @param platformDigest of everything that the installation applies
 */
export function preparedStateKey(components: Components, commands: unknown, platformDigest: string): string {
  const inputs = {
    formatVersion,
    images: components.key,
    programs: deciding.map((name) => components.digest(name)),
    commands,
    platformDigest,
  };
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 32);
}

function statesFolder(cache: string): string {
  return join(cache, 'prepared-states');
}

/** The folder of the prepared state of a key, whether or not it exists. */
export function preparedStateFolder(cache: string, key: string): string {
  return join(statesFolder(cache), key);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * Copies a prepared state's etcd data, and verifies what it copied: what is verified is what is used, also where another process
 * replaces the state at the same time.
 *
 * @param target the data folder of etcd, which must not exist
 * @returns null where there is no such state
 * @throws Error in one sentence where it is damaged or of another key or version; then `target` does not exist
 */
export async function copyPreparedState(folder: string, target: string): Promise<IntactState | null> {
  const recordText = await readFile(join(folder, 'state.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (recordText === null) {
    if ((await stat(folder).catch(() => null)) === null) return null;
    throw new Error(`the prepared state ${folder} is damaged: it has no state.json`);
  }
  const damaged = (what: string) => new Error(`the prepared state ${folder} is damaged: ${what}`);
  try {
    const record = recordOf(recordText, folder);
    await runToEnd('cp', ['--archive', '--reflink=auto', join(folder, 'etcd'), target]).catch(() => {
      throw damaged('its etcd data cannot be copied');
    });
    const objectsText = await readFile(join(folder, 'objects.json'), 'utf8').catch(() => {
      throw damaged('it has no objects.json');
    });
    await Promise.all(
      Object.entries(record.files).map(async ([path, expected]) => {
        const actual =
          path === 'objects.json'
            ? createHash('sha256').update(objectsText).digest('hex')
            : await sha256Of(join(target, '..', path)).catch(() => null);
        if (actual !== expected) throw damaged(`${path} is not as it was taken`);
      }),
    );
    const now = new Date();
    // Those used last are kept.
    await utimes(folder, now, now).catch(() => {});
    const objects = objectsSchema.parse(JSON.parse(objectsText));
    return { ...objects, digest: `sha256:${createHash('sha256').update(recordText).digest('hex')}` };
  } catch (error) {
    await rm(target, { recursive: true, force: true });
    throw error;
  }
}

function recordOf(text: string, folder: string): z.infer<typeof recordSchema> {
  const key = folder.slice(folder.lastIndexOf('/') + 1);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`the prepared state ${folder} is damaged: state.json is no JSON (${messageOf(error)})`);
  }
  const parsed = recordSchema.safeParse(json);
  if (!parsed.success || parsed.data.key !== key) {
    throw new Error(`the prepared state ${folder} is of another key or version`);
  }
  return parsed.data;
}

/**
 * Writes a prepared state. It appears in the cache whole or not at all. Where another process was faster, its state is as good.
 *
 * @param fill makes the etcd data in a folder
 */
export async function writePreparedState(
  folder: string,
  objects: StateObjects,
  fill: (dataFolder: string) => Promise<void>,
): Promise<void> {
  const states = join(folder, '..');
  const key = folder.slice(folder.lastIndexOf('/') + 1);
  const unfinished = join(states, `.unfinished-${key}-${randomUUID()}`);
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  try {
    await fill(join(unfinished, 'etcd'));
    await writeFile(join(unfinished, 'objects.json'), JSON.stringify(objects), { mode: 0o600 });
    const paths = await filesBelow(unfinished, '');
    const files = Object.fromEntries(
      await Promise.all(paths.map(async (path) => [path, await sha256Of(join(unfinished, path))] as const)),
    );
    const record = { formatVersion, key, takenAt: new Date().toISOString(), files };
    await writeFile(join(unfinished, 'state.json'), `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    await rename(unfinished, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  await removeOldStates(states);
}

async function filesBelow(root: string, path: string): Promise<string[]> {
  const entries = await readdir(join(root, path), { withFileTypes: true });
  const files = await Promise.all(
    entries.map((entry) => {
      const below = join(path, entry.name);
      return entry.isDirectory() ? filesBelow(root, below) : [below];
    }),
  );
  return files.flat().sort();
}

/** Removes a prepared state: at once for others, who meet it whole or not at all. */
export async function removePreparedState(folder: string): Promise<void> {
  const removed = join(folder, '..', `.unfinished-removed-${randomUUID()}`);
  const gone = await rename(folder, removed).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(removed, { recursive: true, force: true });
  return gone;
}

/** Keeps the states used last, and removes what was left unfinished a day ago. */
async function removeOldStates(states: string): Promise<void> {
  const dayMs = 86_400_000;
  const entries = await Promise.all(
    (await readdir(states)).map(async (name) => ({
      name,
      usedMs: (await stat(join(states, name)).catch(() => null))?.mtimeMs ?? Date.now(),
    })),
  );
  const finished = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => b.usedMs - a.usedMs);
  const left = entries.filter(({ name, usedMs }) => name.startsWith('.') && Date.now() - usedMs > dayMs);
  for (const { name } of [...finished.slice(mostStates), ...left]) {
    await rm(join(states, name), { recursive: true, force: true });
  }
}
