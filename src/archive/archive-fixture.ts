import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Slot, writeOutputRecord } from '../components/index.ts';
import { takeArchive } from './take-archive.ts';

/** Two small components: a program, and a folder of files. */
export function fixtureSlots(cache: string): readonly [Slot, Slot] {
  const slot = (id: string, key: string): Slot => ({
    component: { id, source: 'example.test', version: 'v1.2.3', recipes: [], expectedSeconds: 1 },
    key: key.repeat(32),
    folder: join(cache, 'components', id, key.repeat(32)),
  });
  return [slot('tool', 'a'), slot('chart', 'b')];
}

/** Content that does not compress, so that a part of the archive holds a part of the file. */
export const program = shake256('a program');

export async function fillSlots([tool, chart]: readonly [Slot, Slot]): Promise<void> {
  await mkdir(tool.folder, { recursive: true });
  await writeFile(join(tool.folder, 'tool'), program);
  await chmod(join(tool.folder, 'tool'), 0o755);
  const file = join(chart.folder, 'chart', 'templates', 'a.yaml');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, 'a: 1\n');
  await writeFile(join(chart.folder, 'chart', 'Chart.yaml'), 'name: chart\n');
  await Promise.all([writeOutputRecord(tool.folder), writeOutputRecord(chart.folder)]);
}

/** Takes an archive into another cache, with what a test does not care about filled in. */
export function taking(request: Pick<Parameters<typeof takeArchive>[0], 'from' | 'cache'>) {
  const { cache } = request;
  return (more: Partial<Parameters<typeof takeArchive>[0]> = {}) =>
    takeArchive({
      key: null,
      slots: fixtureSlots(cache),
      partly: false,
      signal: new AbortController().signal,
      onWaiting: () => {},
      onOpened: () => {},
      ...request,
      ...more,
    });
}

function shake256(seed: string): Buffer {
  return createHash('shake256', { outputLength: 300_000 }).update(seed).digest();
}

/** All files below a folder. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
