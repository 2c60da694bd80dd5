import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { existingCa } from './existing-ca.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-ca-'));
});
afterEach(() => rm(folder, { recursive: true }));

const directory = 'https://ca.example.test/dir';
const caUserAgent = 'Example validation';

test('knows what the validation servers of a known service call themselves', async () => {
  const ca = await existingCa({ directory: 'https://acme-staging-v02.api.letsencrypt.org/directory', caRoot: [] });
  expect(ca.userAgent).toContain("Let's Encrypt");
  expect(await ca.roots(async () => '')).toEqual([]);
  expect(ca.log).toBeNull();
});

test('leaves the user agent of an unknown CA open', async () => {
  expect((await existingCa({ directory, caRoot: [] })).userAgent).toBe('');
});

test.each(['http://ca.example.test/dir', 'ca.example.test', ''])('refuses the directory %o', async (wrong) => {
  await expect(existingCa({ directory: wrong, caRoot: [], caUserAgent })).rejects.toThrow('is not an https URL');
});

test('says which file of roots cannot be used', async () => {
  const file = join(folder, 'root.pem');
  await expect(existingCa({ directory, caRoot: [file], caUserAgent })).rejects.toThrow(
    `Cannot read --ca-root ${file}: no such file or folder (ENOENT).`,
  );
  await writeFile(file, 'no certificate');
  await expect(existingCa({ directory, caRoot: [file], caUserAgent })).rejects.toThrow('contains no PEM certificate');
  await writeFile(file, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  await expect(existingCa({ directory, directoryCa: file, caRoot: [], caUserAgent })).rejects.toThrow(
    `--directory-ca ${file} contains an invalid certificate.`,
  );
});
