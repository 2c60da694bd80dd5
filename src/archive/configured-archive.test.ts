import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ownVersion } from './archive-manifest.ts';
import { configuredArchive, releaseArchiveName } from './configured-archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'padlock-configured-'));
const key = join(folder, 'key.pub.pem');
writeFileSync(key, generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
afterAll(() => rmSync(folder, { recursive: true }));

const published = { repository: { type: 'git', url: 'git+https://github.com/someone/padlock.git' } };

test('is none unless something says where one is', async () => {
  expect(await configuredArchive({}, {})).toBeNull();
  expect(await configuredArchive({}, { repository: { url: 'https://example.test/x.git' } })).toBeNull();
});

test('PADLOCK_ARCHIVE comes first, with the key of PADLOCK_ARCHIVE_KEY', async () => {
  expect(await configuredArchive({ PADLOCK_ARCHIVE: '/a.tar.zst' }, published)).toEqual({
    from: '/a.tar.zst',
    by: 'PADLOCK_ARCHIVE',
    key: null,
  });
  const configured = await configuredArchive({ PADLOCK_ARCHIVE: '/a.tar.zst', PADLOCK_ARCHIVE_KEY: key }, {});
  expect(configured?.key).toMatchObject({ file: key, verification: { scheme: 'Ed25519' } });
});

test('else the release of this version; none turns it off', async () => {
  expect(await configuredArchive({}, published)).toEqual({
    from: `https://github.com/someone/padlock/releases/download/v${ownVersion}/${releaseArchiveName}`,
    by: 'release',
    key: null,
  });
  expect(await configuredArchive({ PADLOCK_ARCHIVE: 'none', PADLOCK_ARCHIVE_KEY: key }, published)).toBeNull();
});

test('a key without an archive, and one that is not there, is one sentence', async () => {
  await expect(configuredArchive({ PADLOCK_ARCHIVE_KEY: key }, {})).rejects.toThrow(
    'PADLOCK_ARCHIVE_KEY is set, but no archive: set PADLOCK_ARCHIVE to its file or URL.',
  );
  await expect(
    configuredArchive({ PADLOCK_ARCHIVE: '/a', PADLOCK_ARCHIVE_KEY: join(folder, 'none') }, {}),
  ).rejects.toThrow(/^Cannot read the key .*none: no such file/);
});
