import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { exampleCheck, exampleConformance } from '../acme/testing/example-conformance.ts';
import { attestConformance, verifyConformance } from './conformance-attestation.ts';
import { writeKeyPair } from './report-fixture.ts';
import { loadSigningKey, type SigningKey } from './signing-key.ts';
import { loadVerificationKey, type VerificationKey } from './verification-key.ts';

let root: string;
let folder: string;
let signer: SigningKey;
let key: VerificationKey;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'padlock-conformance-'));
  const files = await writeKeyPair(root, 'key', generateKeyPairSync('ed25519').privateKey);
  signer = await loadSigningKey(files.private, {});
  key = await loadVerificationKey(files.public, {});
});
afterAll(() => rm(root, { recursive: true }));

beforeEach(async () => {
  folder = await mkdtemp(path.join(root, 'report-'));
  await write(exampleConformance());
  await attestConformance(folder, signer);
});

function write(conformance: unknown): Promise<void> {
  return writeFile(path.join(folder, 'conformance.json'), JSON.stringify(conformance));
}

async function findings(): Promise<string[]> {
  return (await verifyConformance(folder, key)).findings.map(({ about, message }) => `${about}: ${message}`);
}

test('an unchanged signed report is valid', async () => {
  expect(await verifyConformance(folder, key)).toMatchObject({ signature: 'valid', findings: [] });
  const envelope = JSON.parse(await readFile(path.join(folder, 'attestation.intoto.json'), 'utf8')) as {
    payload: string;
  };
  const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8')) as { predicate: unknown };
  expect(statement.predicate).toMatchObject({ result: 'PASSED', passedTests: ['rfc8555/6.5/replayed-nonce'] });
});

test('a verdict that was turned is found, by the signature and by the counts', async () => {
  await write(exampleConformance({ checks: [exampleCheck({ verdict: 'failed' })] }));
  expect(await findings()).toEqual([
    expect.stringMatching(/^statement: The attestation covers another conformance\.json/),
    expect.stringMatching(/^statement: .*passedTests/),
    expect.stringMatching(/^statement: .*failedTests/),
    'verdict: The summary counts 1 passed, but there are 0.',
    'verdict: The summary counts 0 failed, but there are 1.',
    'verdict: The result is passed, but a check failed.',
  ]);
});

test('without a key, and without an attestation', async () => {
  expect(await verifyConformance(folder, null)).toMatchObject({ signature: 'unchecked', findings: [] });
  await rm(path.join(folder, 'attestation.intoto.json'));
  expect(await findings()).toEqual([expect.stringMatching(/^signature: There is no signature/)]);
});

test('what is no conformance report is refused in one sentence', async () => {
  await write({ schemaVersion: 2 });
  await expect(verifyConformance(folder, key)).rejects.toThrow(/^Conformance report .* is malformed: /);
  await rm(path.join(folder, 'conformance.json'));
  await expect(verifyConformance(folder, key)).rejects.toThrow(/^Cannot read conformance report /);
});
