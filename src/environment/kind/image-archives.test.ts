import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeOciImage } from '../../components/oci-image.ts';
import { archiveFilesIn, dockerArchive, readImageArchives } from './image-archives.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-archives-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function image(name: string, file: string): Promise<void> {
  await writeFile(join(folder, 'program'), 'content');
  const files = { '/program': join(folder, 'program') };
  await writeOciImage({ name, files, entrypoint: ['/program'], user: '0:0' }, join(folder, file));
}

test('finds the archives of a folder with the images in them', async () => {
  await image('docker.io/local/b:1', 'b.tar');
  await image('docker.io/local/a:1', 'a.tar');
  expect(await readImageArchives(await archiveFilesIn(folder))).toEqual([
    { file: join(folder, 'a.tar'), images: ['docker.io/local/a:1'] },
    { file: join(folder, 'b.tar'), images: ['docker.io/local/b:1'] },
  ]);
});

test('says what is wrong with a folder', async () => {
  await expect(archiveFilesIn(join(folder, 'none'))).rejects.toThrow(
    /^Cannot read --image-archive .*none: no such file or folder \(ENOENT\)\.$/,
  );
  await expect(archiveFilesIn(folder)).rejects.toThrow('contains no .tar file.');
  await writeFile(join(folder, 'x.tar'), 'no archive');
  await expect(readImageArchives(await archiveFilesIn(folder))).rejects.toThrow(
    'x.tar is not an OCI archive of images',
  );
});

test("puts Docker's own manifest beside the OCI layout, and changes nothing else", async () => {
  await image('docker.io/local/a:1', 'a.tar');
  const files = new Map<string, string>();
  const out = (await dockerArchive(join(folder, 'a.tar'))).pipe(extract());
  for await (const entry of out) {
    let text = '';
    for await (const chunk of entry) text += String(chunk);
    files.set(entry.header.name, text);
  }
  const [entry] = JSON.parse(files.get('manifest.json') ?? '[]');
  expect(entry.RepoTags).toEqual(['docker.io/local/a:1']);
  expect(JSON.parse(files.get(entry.Config) ?? '').config.Entrypoint).toEqual(['/program']);
  expect(entry.Layers.every((layer: string) => files.has(layer))).toBe(true);
  expect(files.has('index.json')).toBe(true);
});
