import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ImageRecipe, writeOciImage } from './oci-image.ts';

let folder: string;
let recipe: ImageRecipe;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-image-'));
  await writeFile(join(folder, 'program'), 'a program');
  await writeFile(join(folder, 'settings'), 'settings');
  recipe = {
    name: 'docker.io/example/part:1.2.3',
    files: { '/usr/bin/part': join(folder, 'program'), '/etc/part/settings': join(folder, 'settings') },
    entrypoint: ['/usr/bin/part'],
    user: '1000:1000',
  };
});

afterEach(() => rm(folder, { recursive: true }));

interface Entry {
  readonly type: string | null | undefined;
  readonly mode: number | undefined;
  readonly content: Buffer;
}

async function entriesOf(archive: Readable): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  for await (const entry of archive.pipe(extract())) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    entries.set(entry.header.name, {
      type: entry.header.type,
      mode: entry.header.mode,
      content: Buffer.concat(chunks),
    });
  }
  return entries;
}

async function writtenImage() {
  const file = join(folder, 'image.tar');
  const digest = await writeOciImage(recipe, file);
  const entries = await entriesOf(createReadStream(file));
  const json = (name: string) => JSON.parse(entries.get(name)?.content.toString() ?? 'null');
  const blob = (of: string) => `blobs/${of.replace(':', '/')}`;
  return { digest, entries, json, blob };
}

test('writes the same bytes for the same files, whatever their times', async () => {
  const [first, second] = [join(folder, 'first.tar'), join(folder, 'second.tar')];
  const digest = await writeOciImage(recipe, first);
  await utimes(join(folder, 'program'), new Date('2031-01-01'), new Date('2031-01-01'));
  const reversed = Object.fromEntries(Object.entries(recipe.files).reverse());
  expect(await writeOciImage({ ...recipe, files: reversed }, second)).toBe(digest);
  expect((await readFile(first)).equals(await readFile(second))).toBe(true);
});

test('gives another digest to other content', async () => {
  const file = join(folder, 'image.tar');
  const before = await writeOciImage(recipe, file);
  await writeFile(join(folder, 'program'), 'b program');
  expect(await writeOciImage(recipe, file)).not.toBe(before);
});

test('names the image for containerd', async () => {
  const { digest, json } = await writtenImage();
  expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
  expect(json('index.json').manifests).toMatchObject([
    { digest, annotations: { 'io.containerd.image.name': 'docker.io/example/part:1.2.3' }, platform: { os: 'linux' } },
  ]);
});

test('stores every blob under its digest, with its size', async () => {
  const { digest, entries, json, blob } = await writtenImage();
  for (const [name, { content }] of entries) {
    if (!name.startsWith('blobs/')) continue;
    expect(name).toBe(`blobs/sha256/${createHash('sha256').update(content).digest('hex')}`);
  }
  const manifest = json(blob(digest));
  for (const descriptor of [...json('index.json').manifests, manifest.config, ...manifest.layers]) {
    expect(entries.get(blob(descriptor.digest))?.content).toHaveLength(descriptor.size);
  }
  const config = json(blob(manifest.config.digest));
  expect(config.config).toMatchObject({ User: '1000:1000', Entrypoint: ['/usr/bin/part'] });
  expect(config.rootfs.diff_ids).toEqual([manifest.layers[0].digest]);
});

test('writes each folder before its contents, and keeps programs executable', async () => {
  const { digest, entries, json, blob } = await writtenImage();
  const layer = entries.get(blob(json(blob(digest)).layers[0].digest))?.content ?? Buffer.alloc(0);
  const files = await entriesOf(Readable.from([layer]));
  expect([...files].map(([name, { type, mode }]) => [name.replace(/\/$/, ''), type, mode])).toEqual([
    ['etc', 'directory', 0o755],
    ['etc/part', 'directory', 0o755],
    ['etc/part/settings', 'file', 0o755],
    ['usr', 'directory', 0o755],
    ['usr/bin', 'directory', 0o755],
    ['usr/bin/part', 'file', 0o755],
  ]);
  expect(files.get('usr/bin/part')?.content.toString()).toBe('a program');
});

test('says which file is missing', async () => {
  const missing = { ...recipe, files: { '/usr/bin/part': join(folder, 'missing') } };
  await expect(writeOciImage(missing, join(folder, 'image.tar'))).rejects.toThrow('missing');
});
