import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Image } from './components.ts';
import { saveImages } from './image-folder.ts';
import { listImages } from './image-list.ts';
import { readOciArchive } from './oci-archive.ts';
import { writeOciImage } from './oci-image.ts';
import { sha256OfFile } from './output-record.ts';

let folder: string;
let target: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-image-folder-'));
  target = await mkdtemp(join(tmpdir(), 'padlock-image-folder-'));
  await writeFile(join(folder, 'program'), 'a program');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  await rm(target, { recursive: true });
});

async function made(name: string, file: string): Promise<Image> {
  const archive = join(folder, file);
  await writeOciImage(
    { name, files: { '/part': join(folder, 'program') }, entrypoint: ['/part'], user: '0:0' },
    archive,
  );
  return { name, archive, digest: `sha256:${await sha256OfFile(archive)}`, key: 'key' };
}

const { signal } = new AbortController();
const remarks = { notUpstream: ['A part is not upstream.'], pulledByKind: ['docker.io/a/elsewhere:v1'] };

test('lists the images by name with their manifest digests, and saves them under their full names', async () => {
  const images = [await made('quay.io/b/part:v1', 'b.tar'), await made('docker.io/a/part:v1', 'a.tar')];
  const listed = await listImages(images, signal);
  expect(listed.map(({ name }) => name)).toEqual(['docker.io/a/part:v1', 'quay.io/b/part:v1']);
  await writeFile(join(target, 'other.txt'), 'is left alone');
  const saved: string[] = [];
  const onSaved = ({ name }: { name: string }) => saved.push(name);
  for (const time of ['first', 'second']) {
    const index = await saveImages(listed, remarks, target, { signal, onSaved });
    expect((await readdir(target)).sort(), time).toEqual([
      'docker.io_a_part_v1.tar',
      'images.json',
      'other.txt',
      'quay.io_b_part_v1.tar',
    ]);
    expect(index).toMatchObject(remarks);
    expect(JSON.parse(await readFile(join(target, 'images.json'), 'utf8'))).toEqual(index);
    for (const { archive, archiveDigest, ...image } of index.images) {
      expect(await readOciArchive(join(target, archive))).toEqual([image]);
      expect(archiveDigest).toBe(`sha256:${await sha256OfFile(join(target, archive))}`);
    }
  }
  expect(saved).toHaveLength(4);
});

test('rejects an archive of another image, a short name, and a copy of an image that has changed', async () => {
  const image = await made('docker.io/a/part:v1', 'a.tar');
  await expect(listImages([{ ...image, name: 'docker.io/a/other:v1' }], signal)).rejects.toThrow(
    'does not contain exactly the image',
  );
  await expect(listImages([await made('part:v1', 'c.tar')], signal)).rejects.toThrow('not a normalized image name');
  const [listed] = await listImages([image], signal);
  if (!listed) throw new Error('nothing was listed');
  const changed = { ...listed, archiveDigest: `sha256:${'0'.repeat(64)}` };
  const saving = saveImages([changed], remarks, target, { signal, onSaved: () => {} });
  await expect(saving).rejects.toThrow('the copy of');
  expect(await readdir(target)).toEqual([]);
});

test('leaves no index if it was interrupted', async () => {
  const listed = await listImages([await made('docker.io/a/part:v1', 'a.tar')], signal);
  await saveImages(listed, remarks, target, { signal, onSaved: () => {} });
  const stop = new AbortController();
  const saving = saveImages(listed, remarks, target, { signal: stop.signal, onSaved: () => stop.abort() });
  await expect(saving).rejects.toThrow('aborted');
  expect(await readdir(target)).toEqual(['docker.io_a_part_v1.tar']);
});
