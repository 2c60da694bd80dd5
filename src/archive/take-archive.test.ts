import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadSigningKey, loadVerificationKey } from '../attest/index.ts';
import { unfilledSlots } from '../components/index.ts';
import { archiveEnd } from './archive-end.ts';
import { filesBelow, fillSlots, fixtureSlots, program, taking } from './archive-fixture.ts';
import { ownPlatform, ownVersion } from './archive-manifest.ts';
import { writeArchive } from './write-archive.ts';

const { signal } = new AbortController();
let root: string;
let file: string;
let cache: string;
let take: ReturnType<typeof taking>;
let servers: Server[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'padlock-archive-'));
  file = join(root, 'parts.tar.zst');
  cache = join(root, 'cache');
  servers = [];
  const slots = fixtureSlots(join(root, 'built'));
  await fillSlots(slots);
  await writeArchive({ file, slots, key: null, signal });
  take = taking({ from: file, cache });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(root, { recursive: true });
});

/** An archive with this manifest and these entries. */
async function archiveOf(manifest: unknown, entries: Readonly<Record<string, Buffer | string>> = {}): Promise<void> {
  const archive = pack();
  archive.entry({ name: 'archive.json' }, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  for (const [name, content] of Object.entries(entries)) archive.entry({ name }, content);
  archive.finalize();
  await writeFile(file, zstdOf(await contentOf(archive)));
}

async function contentOf(archive: Pack): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of archive) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function zstdOf(content: Buffer): Buffer {
  const compressed = zstdCompressSync(content);
  return Buffer.concat([compressed, archiveEnd(compressed.length)]);
}

/** The manifest of the archive, changed. */
async function manifestWith(change: (manifest: ReturnType<typeof JSON.parse>) => void): Promise<void> {
  const tar = zstdDecompressSync(await readFile(file));
  const size = Number.parseInt(tar.toString('latin1', 124, 135), 8);
  const manifest = JSON.parse(tar.toString('utf8', 512, 512 + size));
  change(manifest);
  await archiveOf(manifest, {
    'components/chart/chart/Chart.yaml': 'name: chart\n',
    'components/chart/chart/templates/a.yaml': 'a: 1\n',
    'components/tool/tool': program,
  });
}

/** Expects one sentence with the exit code, and nothing left in the cache. */
async function refuses(sentence: string | RegExp, exitCode: number, more: Parameters<typeof take>[0] = {}) {
  const error: unknown = await take(more).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'UserError',
    message: typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
    exitCode,
  });
  expect(String(error)).not.toContain('\n');
  expect(await filesBelow(cache)).toEqual([]);
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/parts.tar.zst`;
}

test('what was written is taken: contents, permissions and records', async () => {
  expect(await take()).toEqual({
    title: file,
    taken: ['chart', 'tool'],
    kept: [],
    unfit: [],
    signature: 'none',
  });
  const slots = fixtureSlots(cache);
  expect(await unfilledSlots(slots)).toEqual([]);
  const [tool, chart] = slots;
  expect(await readFile(join(tool.folder, 'tool'))).toEqual(program);
  expect((await stat(join(tool.folder, 'tool'))).mode & 0o777).toBe(0o755);
  expect(await readFile(join(chart.folder, 'chart', 'templates', 'a.yaml'), 'utf8')).toBe('a: 1\n');
  expect((await filesBelow(cache)).length).toBe(5);
});

test('equal components give equal bytes', async () => {
  const again = fixtureSlots(join(root, 'built-again'));
  await fillSlots(again);
  const other = join(root, 'other.tar.zst');
  await writeArchive({ file: other, slots: again.toReversed(), key: null, signal });
  expect((await readFile(other)).equals(await readFile(file))).toBe(true);
});

test('what the cache has is kept, and what is damaged is replaced', async () => {
  await take();
  const [tool] = fixtureSlots(cache);
  expect(await take()).toMatchObject({ taken: [], kept: ['chart', 'tool'] });
  await writeFile(join(tool.folder, 'tool'), 'damage');
  expect(await take()).toMatchObject({ taken: ['tool'], kept: ['chart'] });
  expect(await readFile(join(tool.folder, 'tool'))).toEqual(program);
});

test('what a killed import left is removed', async () => {
  await mkdir(join(cache, '.archive-old'), { recursive: true });
  await writeFile(join(cache, '.archive-old', 'half'), '');
  await take();
  expect((await filesBelow(cache)).filter((name) => name.startsWith('.archive'))).toEqual([]);
});

describe('an archive that is refused, with nothing left in the cache', () => {
  test('truncated at any place', async () => {
    const whole = await readFile(file);
    const { length } = whole;
    for (const bytes of [length - 1, length - 4, length - 16, length - 20, length - 2000, length >> 1, 5000]) {
      await writeFile(file, whole.subarray(0, bytes));
      await refuses(`The archive ${file} is truncated: it ends after ${bytes} bytes; fetch it again.`, 2);
    }
  });

  test('a bit flipped', async () => {
    const whole = await readFile(file);
    whole.writeUInt8(whole.readUInt8(whole.length >> 1) ^ 0x40, whole.length >> 1);
    await writeFile(file, whole);
    await refuses(/^The archive .* is (damaged|truncated)/, 2);
  });

  test.each([
    ['', 'is empty.'],
    ['PK\x03\x04 a zip file', 'is not an archive of components: it is not compressed with zstd.'],
    ['x', 'is not an archive of components: it is not compressed with zstd.'],
  ])('%j', async (content, problem) => {
    await writeFile(file, content);
    await refuses(`The archive ${file} ${problem}`, 2);
  });

  test('zstd without a tar file in it', async () => {
    await writeFile(file, zstdOf(Buffer.alloc(4096, 'text ')));
    await refuses(/^The archive .* is damaged: it cannot be unpacked \(.*tar header.*\); fetch it again\.$/, 2);
  });

  test('another tar file', async () => {
    const archive = pack();
    archive.entry({ name: 'photos/1.jpg' }, 'a photo');
    archive.finalize();
    await writeFile(file, zstdOf(await contentOf(archive)));
    await refuses(`The archive ${file} is not an archive of components: it begins with "photos/1.jpg".`, 2);
  });

  test('without any entry', async () => {
    await writeFile(file, zstdOf(Buffer.alloc(1024)));
    await refuses(`The archive ${file} is not an archive of components: it contains nothing.`, 2);
  });

  test('for another architecture', async () => {
    await manifestWith((manifest) => {
      manifest.platform = 'linux/s390x';
    });
    await refuses(`The archive ${file} is for linux/s390x, and this machine is ${ownPlatform}.`, 2);
  });

  test('of another version: its components have other keys', async () => {
    await manifestWith((manifest) => {
      manifest.padlock = '0.1.0';
      manifest.components[1].key = 'f'.repeat(32);
    });
    await refuses(
      `The archive ${file} was written by Padlock 0.1.0 for other versions of tool than this checkout of Padlock ${ownVersion} pins; take the archive of this version, or build the components with 'padlock build'.`,
      2,
    );
    expect(await take({ partly: true })).toMatchObject({ taken: ['chart'], unfit: ['tool'] });
  });

  test('of another version, where none fits', async () => {
    await manifestWith((manifest) => {
      for (const component of manifest.components) component.key = 'f'.repeat(32);
    });
    await refuses(/for other versions of chart, tool than this checkout/, 2, { partly: true });
  });

  test('with a manifest of a later kind', async () => {
    await manifestWith((manifest) => {
      manifest.schemaVersion = 2;
    });
    await refuses(
      `The archive ${file} has a manifest of a kind that this Padlock does not know (version 2); take the archive of this version.`,
      2,
    );
    await archiveOf('not JSON');
    await refuses(`The archive ${file} is damaged: its manifest is not JSON.`, 2);
  });

  test('with a file that has another digest', async () => {
    await manifestWith((manifest) => {
      manifest.components[1].outputs[0].sha256 = '0'.repeat(64);
    });
    await refuses(new RegExp(`is damaged: tool/tool has the SHA-256 [0-9a-f]{64} instead of ${'0'.repeat(64)}\\.$`), 2);
  });

  test('with a file that has another size', async () => {
    await manifestWith((manifest) => {
      manifest.components[1].outputs[0].size = 5;
    });
    await refuses(/is damaged: tool\/tool has 300000 bytes instead of 5\.$/, 2);
  });

  test('without a file that it lists', async () => {
    await manifestWith((manifest) => {
      manifest.components[1].outputs.push({ path: 'z', size: 1, sha256: '0'.repeat(64), executable: false });
    });
    await refuses(`The archive ${file} is incomplete: it lacks components/tool/z.`, 2);
  });

  test.each(['../../etc/passwd', '/etc/passwd', 'a/../../b', 'a//b'])('with the path %s', async (path) => {
    await manifestWith((manifest) => {
      manifest.components[1].outputs[0].path = path;
    });
    await refuses(/has a manifest of a kind that this Padlock does not know/, 2);
  });

  test('larger than the disk', async () => {
    await manifestWith((manifest) => {
      manifest.components[1].outputs[0].size = 4e15;
    });
    await refuses(/needs 4000000\.0 GB in the cache .*, and \d+\.\d GB are free there\.$/, 3);
  });

  test('that is a folder, or not there', async () => {
    await refuses(`Cannot read the archive ${root}: it is a folder.`, 2, { from: root });
    await refuses(`Cannot read the archive ${root}/none: no such file or folder (ENOENT).`, 2, {
      from: `${root}/none`,
    });
  });
});

describe('a signature', () => {
  async function keyPair(name: string) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const [secret, open] = [join(root, `${name}.pem`), join(root, `${name}.pub.pem`)];
    await writeFile(secret, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    await writeFile(open, publicKey.export({ type: 'spki', format: 'pem' }));
    return { key: await loadSigningKey(secret), check: { file: open, verification: await loadVerificationKey(open) } };
  }

  test('is verified with its key, refused with another, and not checked without', async () => {
    const [own, other] = await Promise.all([keyPair('own'), keyPair('other')]);
    await refuses(`The archive ${file} is not signed, and the key ${own.check.file} demands a signature.`, 2, {
      key: own.check,
    });
    const slots = fixtureSlots(join(root, 'built'));
    await writeArchive({ file, slots, key: own.key, signal });
    await refuses(`The archive ${file} is not signed with the key ${other.check.file}; none of it was taken.`, 2, {
      key: other.check,
    });
    expect(await take({ key: own.check })).toMatchObject({ signature: 'verified', taken: ['chart', 'tool'] });
    await rm(cache, { recursive: true });
    expect(await take()).toMatchObject({ signature: 'not-checked', taken: ['chart', 'tool'] });
  });
});

describe('from a server', () => {
  test('by http, after a redirect, without the credentials of the first host', async () => {
    const whole = await readFile(file);
    const seen: (string | undefined)[] = [];
    const target = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end(whole);
    });
    const url = new URL(
      await serve((request, response) => {
        seen.push(request.headers.authorization);
        response.writeHead(302, { location: target }).end();
      }),
    );
    url.username = 'user';
    url.password = 'geheim';
    url.search = '?token=geheim';
    const titles: string[] = [];
    const { title, taken } = await take({ from: url.href, onOpened: (source) => titles.push(source.title) });
    expect(taken).toEqual(['chart', 'tool']);
    expect(titles).toEqual([title]);
    expect(title).toBe(`${url.origin}/parts.tar.zst`);
    expect(seen).toEqual([`Basic ${Buffer.from('user:geheim').toString('base64')}`, undefined]);
  });

  test('that has no such archive, closes early, or does not answer', async () => {
    const url = await serve((_, response) => response.writeHead(404).end());
    await refuses(`The archive ${url} cannot be fetched: the server answered 404.`, 3, { from: url });

    const whole = await readFile(file);
    const early = await serve((_, response) => {
      response.writeHead(200, { 'content-length': whole.length });
      response.write(whole.subarray(0, 20_000), () => response.destroy());
    });
    await refuses(
      new RegExp(`^The archive ${early} cannot be fetched: after \\d+ bytes, the server closed the connection\\.$`),
      3,
      { from: early },
    );

    const gone = await serve(() => {});
    await new Promise((resolve) => servers.pop()?.close(resolve));
    await refuses(`The archive ${gone} cannot be fetched: the server refuses connections.`, 3, { from: gone });
    await refuses(/^The archive http:\/\/nowhere\.invalid\/a cannot be fetched: its host name .* resolve/, 3, {
      from: 'http://nowhere.invalid/a?token=geheim',
    });
    await refuses('The archive ftp://127.0.0.1/a cannot be fetched: its URL must begin with https:// or http://.', 2, {
      from: 'ftp://127.0.0.1/a',
    });
  });

  test('an interrupt ends it with its reason, and nothing is left', async () => {
    const whole = await readFile(file);
    const controller = new AbortController();
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': whole.length });
      response.write(whole.subarray(0, 20_000), () => controller.abort(new Error('interrupted')));
    });
    await expect(take({ from: url, signal: controller.signal })).rejects.toThrow('interrupted');
    expect(await filesBelow(cache)).toEqual([]);
  });
});
