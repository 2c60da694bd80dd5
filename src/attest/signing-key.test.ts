import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIssuer } from '../checks/testing/certificate-fixture.ts';
import { UserError } from '../user-error.ts';
import { writeKeyPair } from './report-fixture.ts';
import { loadSigningKey } from './signing-key.ts';
import { loadVerificationKey } from './verification-key.ts';

let folder: string;
let ed25519: KeyObject;
const message = Buffer.from('what is signed');

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'padlock-signing-key-'));
  ed25519 = generateKeyPairSync('ed25519').privateKey;
});
afterAll(() => rm(folder, { recursive: true }));

async function keyFile(name: string, content: string | Buffer, mode = 0o600): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content, { mode });
  await chmod(file, mode);
  return file;
}

const kinds: readonly (readonly [string, () => KeyObject])[] = [
  ['Ed25519', () => ed25519],
  ['ECDSA P-256 with SHA-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ['ECDSA P-384 with SHA-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
  ['RSASSA-PSS with SHA-256', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
];

describe.each(kinds)('a key for %s', (scheme, generate) => {
  test('signs, its public half verifies, and nothing else does', async () => {
    const files = await writeKeyPair(folder, scheme.replaceAll(' ', '-'), generate());
    const key = await loadSigningKey(files.private, {});
    expect(key.scheme).toBe(scheme);
    expect(key.warnings).toEqual([]);
    const signature = key.sign(message);
    for (const file of [files.public, files.private]) {
      const verifier = await loadVerificationKey(file, {});
      expect(verifier.keyId).toBe(key.keyId);
      expect(verifier.verify(message, signature)).toBe(true);
      expect(verifier.verify(Buffer.from('what is signeD'), signature)).toBe(false);
      expect(verifier.verify(message, Buffer.alloc(0))).toBe(false);
      expect(verifier.verify(message, Buffer.concat([signature, Buffer.from([0])]))).toBe(false);
    }
  });
});

test('the id of a key is the SHA-256 of its DER SubjectPublicKeyInfo, as OpenSSL writes it', async () => {
  const files = await writeKeyPair(folder, 'id', ed25519);
  const der = execFileSync('openssl', ['pkey', '-pubin', '-in', files.public, '-outform', 'DER']);
  const sum = execFileSync('sha256sum', { input: der, encoding: 'utf8' }).slice(0, 64);
  expect((await loadSigningKey(files.private, {})).keyId).toBe(sum);
});

test('a SEC1 file with its curve before it, as OpenSSL writes it, is read', async () => {
  const made = execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey'], { encoding: 'utf8' });
  expect(made).toContain('BEGIN EC PARAMETERS');
  const file = await keyFile('sec1.pem', made);
  const key = await loadSigningKey(file, {});
  expect((await loadVerificationKey(file, {})).verify(message, key.sign(message))).toBe(true);
});

test('a certificate verifies by its key, and says what was not checked', async () => {
  const issuer = await createIssuer('Signer');
  const file = await keyFile('certificate.pem', issuer.certificate.toString('pem'));
  const key = await loadVerificationKey(file, {});
  expect(key.scheme).toBe('ECDSA P-256 with SHA-256');
  expect(key.notes).toEqual([expect.stringContaining('its issuer and its validity were not checked')]);
});

describe('an encrypted key', () => {
  const passphrase = 'correct horse';
  const files = async () => [
    await keyFile(
      'pkcs8-encrypted.pem',
      ed25519.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }),
    ),
    await keyFile(
      'sec1-encrypted.pem',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
        type: 'sec1',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase,
      }),
    ),
  ];

  test('opens with the passphrase of the environment', async () => {
    for (const file of await files()) {
      const key = await loadSigningKey(file, { PADLOCK_ATTEST_PASSPHRASE: passphrase });
      expect(key.sign(message).length).toBeGreaterThan(0);
    }
  });

  test('without one, or with another, says so and tells nothing', async () => {
    for (const file of await files()) {
      for (const variables of [{}, { PADLOCK_ATTEST_PASSPHRASE: '' }]) {
        await expect(loadSigningKey(file, variables)).rejects.toThrow(
          `The signing key ${file} is encrypted. Set the variable PADLOCK_ATTEST_PASSPHRASE to its passphrase.`,
        );
      }
      await expect(loadSigningKey(file, { PADLOCK_ATTEST_PASSPHRASE: 'wrong-4711' })).rejects.toThrow(
        `The signing key ${file} cannot be opened with the passphrase in PADLOCK_ATTEST_PASSPHRASE.`,
      );
    }
  });
});

test('a key that everyone can read is used, with a warning', async () => {
  const content = ed25519.export({ type: 'pkcs8', format: 'pem' });
  expect((await loadSigningKey(await keyFile('open.pem', content, 0o644), {})).warnings).toEqual([
    `The signing key ${path.join(folder, 'open.pem')} is readable by everyone on this machine; run 'chmod 600' on it.`,
  ]);
});

describe('what is no signing key is refused in one sentence, with exit code 2', () => {
  const pkcs8 = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const cases: readonly (readonly [string, () => Promise<string>, string])[] = [
    ['an absent file', async () => path.join(folder, 'absent.pem'), 'no such file or folder (ENOENT)'],
    ['a folder', async () => folder, 'it is a folder'],
    ['a device', async () => '/dev/zero', 'it is not a regular file'],
    ['text', () => keyFile('text.pem', 'secret text'), 'is not a key in PEM'],
    ['a large file', () => keyFile('large.pem', 'x'.repeat(70_000)), 'the limit is 65536'],
    ['a public key', async () => (await writeKeyPair(folder, 'half', ed25519)).public, 'holds a public key; name the'],
    [
      'a certificate',
      async () => keyFile('cert.pem', (await createIssuer('Signer')).certificate.toString('pem')),
      'holds a certificate; name the file with the private key',
    ],
    ['two keys', () => keyFile('two.pem', pkcs8(ed25519) + pkcs8(ed25519)), 'holds 2 private keys'],
    [
      'a damaged key',
      () => keyFile('damaged.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'),
      'is damaged: its PRIVATE KEY cannot be decoded',
    ],
    [
      "a key in OpenSSH's format",
      () => keyFile('ssh', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n'),
      'ssh-keygen -p -m PKCS8',
    ],
    [
      'another curve',
      () => keyFile('k1.pem', pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey)),
      'of an unsupported kind (ec secp256k1)',
    ],
    [
      'a short RSA key',
      () => keyFile('rsa.pem', pkcs8(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)),
      'of an unsupported kind (rsa 1024 bits)',
    ],
    ['X25519', () => keyFile('x.pem', pkcs8(generateKeyPairSync('x25519').privateKey)), 'unsupported kind (x25519)'],
  ];
  test.each(cases)('%s', async (_, make, sentence) => {
    const file = await make();
    const error: unknown = await loadSigningKey(file, {}).catch((thrown: unknown) => thrown);
    if (!(error instanceof UserError)) throw new Error(`not a UserError: ${error}`);
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(sentence);
    expect(error.message).toContain(file);
    expect(error.message).not.toContain('\n');
    expect(error.message).not.toContain('secret text');
  });
});

test('what has no key to verify with is refused', async () => {
  const file = await keyFile('request.pem', '-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----\n');
  await expect(loadVerificationKey(file, {})).rejects.toThrow('holds no key: there is only a NOTHING in it');
  const damaged = await keyFile('damaged.pub', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n');
  await expect(loadVerificationKey(damaged, {})).rejects.toThrow('its PUBLIC KEY cannot be decoded');
});
