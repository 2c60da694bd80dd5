import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '../kube/kube-object.ts';

/**
 * Caches rendered manifests as JSON, keyed by their inputs: rendering and parsing megabytes of YAML takes longer than applying
 * them.
 */
export async function cachedManifests(
  cacheFolder: string,
  inputs: readonly string[],
  render: () => Promise<readonly KubeObject[]>,
): Promise<readonly KubeObject[]> {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(`${input.length}:`).update(input);
  const folder = join(cacheFolder, 'manifests');
  const file = join(folder, `${hash.digest('hex').slice(0, 32)}.json`);
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) {
    try {
      return JSON.parse(kept) as readonly KubeObject[];
    } catch {
      // A crash of the machine can leave an empty file; render it again.
    }
  }
  const objects = await render();
  await mkdir(folder, { recursive: true });
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify(objects));
  await rename(temporary, file);
  return objects;
}
