import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOciArchive } from './oci-archive.ts';
import { writeOciImage } from './oci-image.ts';

type Files = Map<string, Buffer>;

let folder: string;
let archive: string;
let digest: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-archive-'));
  archive = join(folder, 'part.tar');
  await writeFile(join(folder, 'program'), 'a program');
  digest = await writeOciImage(
    {
      name: 'docker.io/example/part:1.2.3',
      files: { '/usr/bin/part': join(folder, 'program') },
      entrypoint: ['/usr/bin/part'],
      user: '1000:1000',
    },
    archive,
  );
});

afterEach(() => rm(folder, { recursive: true }));

const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

async function unpacked(): Promise<Files> {
  const files: Files = new Map();
  const tar = extract();
  tar.end(await readFile(archive));
  for await (const entry of tar) files.set(entry.header.name, await buffer(entry as unknown as NodeJS.ReadableStream));
  return files;
}

async function packed(files: Files): Promise<void> {
  const tar = pack();
  for (const [name, content] of files) tar.entry({ name }, content);
  tar.finalize();
  await writeFile(archive, await buffer(tar as unknown as NodeJS.ReadableStream));
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

function blobNamed(files: Files, mark: string): string {
  for (const [name, content] of files) if (name.startsWith('blobs/') && content.includes(mark)) return name;
  throw new Error(`no blob has ${mark}`);
}

function edit(files: Files, name: string, find: string | RegExp, replacement: string): void {
  files.set(name, Buffer.from(String(files.get(name)).replace(find, replacement)));
}

test('reads an archive that this builder wrote, and finds it complete', async () => {
  expect(await readOciArchive(archive)).toEqual([
    { name: 'docker.io/example/part:1.2.3', digest, platforms: [`linux/${architecture}`] },
  ]);
});

test('reads a multi-platform image of which the archive contains one platform', async () => {
  const files = await unpacked();
  const { manifests } = JSON.parse(String(files.get('index.json')));
  const [here] = manifests;
  const elsewhere = { ...here, digest: `sha256:${'0'.repeat(64)}`, platform: { os: 'linux', architecture: 'riscv64' } };
  const inner = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [elsewhere, here] }));
  files.set(`blobs/sha256/${sha256(inner)}`, inner);
  const outer = {
    mediaType: 'application/vnd.oci.image.index.v1+json',
    digest: `sha256:${sha256(inner)}`,
    size: inner.length,
    annotations: here.annotations,
  };
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [outer] })));
  await packed(files);
  expect(await readOciArchive(archive)).toEqual([
    { name: 'docker.io/example/part:1.2.3', digest: outer.digest, platforms: [`linux/${architecture}`] },
  ]);
});

const damages: readonly (readonly [string, (files: Files) => void, string])[] = [
  ['no layout', (files) => files.delete('oci-layout'), 'it has no oci-layout'],
  ['no index', (files) => files.delete('index.json'), 'it has no index.json'],
  ['an index that is no JSON', (files) => files.set('index.json', Buffer.from('{')), 'its index.json is not as'],
  ['no image', (files) => files.set('index.json', Buffer.from('{"schemaVersion":2,"manifests":[]}')), 'lists no image'],
  ['no name', (files) => edit(files, 'index.json', 'io.containerd.image.name', 'other'), 'has no name'],
  ['a missing layer', (files) => files.delete(blobNamed(files, 'a program')), 'is missing'],
  [
    'a changed byte in a layer',
    (files) => files.get(blobNamed(files, 'a program'))?.write('A program', 1024),
    'is damaged: it has sha256:',
  ],
  [
    'a cut layer',
    (files) => {
      const name = blobNamed(files, 'a program');
      files.set(name, (files.get(name) ?? Buffer.alloc(0)).subarray(512));
    },
    'bytes instead of',
  ],
  ['a changed configuration', (files) => edit(files, blobNamed(files, 'rootfs'), '1000', '0000'), 'is damaged'],
];

test.each(damages)('names the defect of an archive with %s', async (_, damage, reason) => {
  const files = await unpacked();
  damage(files);
  await packed(files);
  await expect(readOciArchive(archive)).rejects.toThrow(`${archive} is not an OCI archive of images: `);
  await expect(readOciArchive(archive)).rejects.toThrow(reason);
});

test('reports a configuration that lists other layers', async () => {
  const files = await unpacked();
  const config = blobNamed(files, 'rootfs');
  edit(files, config, /"diff_ids":\["sha256:[0-9a-f]{2}/, '"diff_ids":["sha256:--');
  const content = files.get(config) ?? Buffer.alloc(0);
  const manifest = blobNamed(files, '"layers":[');
  edit(files, manifest, config.slice('blobs/sha256/'.length), sha256(content));
  files.set(`blobs/sha256/${sha256(content)}`, content);
  const named = files.get(manifest) ?? Buffer.alloc(0);
  files.set(`blobs/sha256/${sha256(named)}`, named);
  edit(files, 'index.json', digest, `sha256:${sha256(named)}`);
  await packed(files);
  await expect(readOciArchive(archive)).rejects.toThrow('has another diff_id');
});

test('rejects a file that is not an archive', async () => {
  await expect(readOciArchive(join(folder, 'none.tar'))).rejects.toThrow('there is no such file');
  await expect(readOciArchive(folder)).rejects.toThrow('it is a folder');
  await writeFile(archive, 'no tar file at all'.repeat(100));
  await expect(readOciArchive(archive)).rejects.toThrow('cannot be read as a tar file');
  await writeFile(archive, '');
  await expect(readOciArchive(archive)).rejects.toThrow('it has no oci-layout');
});

test('rejects a truncated archive', async () => {
  await truncate(archive, 2000);
  await expect(readOciArchive(archive)).rejects.toThrow('cannot be read as a tar file');
});
