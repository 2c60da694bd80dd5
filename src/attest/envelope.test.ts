import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { dsse } from '@sigstore/core';
import { expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { isSignedBy, parseEnvelope, sealEnvelope } from './envelope.ts';
import { keyIdOf, schemeOf } from './signature-scheme.ts';
import type { SigningKey } from './signing-key.ts';
import type { VerificationKey } from './verification-key.ts';

const statement = Buffer.from('{"hello":"wörld"}');

function keyPair(): { signer: SigningKey; verifier: VerificationKey; privateKey: KeyObject; publicKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const scheme = schemeOf(privateKey);
  if (scheme === null) throw new Error('Ed25519 has no scheme');
  const common = { keyId: keyIdOf(privateKey), scheme: scheme.name };
  return {
    privateKey,
    publicKey,
    signer: { ...common, warnings: [], sign: (data) => scheme.sign(data, privateKey) },
    verifier: { ...common, notes: [], verify: (data, signature) => scheme.verify(data, publicKey, signature) },
  };
}

test('the pre-authentication encoding is that of the example in the DSSE protocol', () => {
  expect(dsse.preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
});

test('an envelope is what the DSSE specification says, and another implementation can verify it', () => {
  const { signer, publicKey } = keyPair();
  const envelope = JSON.parse(sealEnvelope(statement, signer));
  expect(envelope).toEqual({
    payloadType: 'application/vnd.in-toto+json',
    payload: statement.toString('base64'),
    signatures: [{ keyid: signer.keyId, sig: expect.stringMatching(/^[A-Za-z0-9+/]{86}==$/) }],
  });
  const signed = Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${statement.length} `), statement]);
  expect(verify(null, signed, publicKey, Buffer.from(envelope.signatures[0].sig, 'base64'))).toBe(true);
});

test('a signature holds for this key, type and payload only', () => {
  const { signer, verifier } = keyPair();
  const envelope = parseEnvelope('a.json', Buffer.from(sealEnvelope(statement, signer)));
  expect(isSignedBy(envelope, verifier)).toBe(true);
  expect(isSignedBy(envelope, keyPair().verifier)).toBe(false);
  expect(isSignedBy({ ...envelope, payloadType: 'application/json' }, verifier)).toBe(false);
  expect(isSignedBy({ ...envelope, payload: Buffer.from('{}') }, verifier)).toBe(false);
});

test('of several signatures one by the key is enough, whatever their ids claim', () => {
  const { signer, verifier, privateKey } = keyPair();
  const other = keyPair();
  const own = JSON.parse(sealEnvelope(statement, signer));
  const foreign = JSON.parse(sealEnvelope(statement, other.signer));
  const together = { ...own, signatures: [...foreign.signatures, { sig: own.signatures[0].sig }] };
  expect(isSignedBy(parseEnvelope('a', Buffer.from(JSON.stringify(together))), verifier)).toBe(true);
  const claimed = { ...own, signatures: [{ keyid: signer.keyId, sig: foreign.signatures[0].sig }] };
  expect(isSignedBy(parseEnvelope('a', Buffer.from(JSON.stringify(claimed))), verifier)).toBe(false);
  const bare = { ...own, signatures: [{ sig: sign(null, statement, privateKey).toString('base64') }] };
  expect(isSignedBy(parseEnvelope('a', Buffer.from(JSON.stringify(bare))), verifier)).toBe(false);
});

test('URL-safe base64 is accepted too, with and without padding', () => {
  const { signer, verifier } = keyPair();
  const envelope = JSON.parse(sealEnvelope(Buffer.from([0xfb, 0xff, 0xbf, 0xfe]), signer));
  const urlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_');
  for (const convert of [urlSafe, (text: string) => urlSafe(text).replace(/=+$/, '')]) {
    const [{ keyid, sig }] = envelope.signatures;
    const converted = { ...envelope, payload: convert(envelope.payload), signatures: [{ keyid, sig: convert(sig) }] };
    expect(isSignedBy(parseEnvelope('a', Buffer.from(JSON.stringify(converted))), verifier)).toBe(true);
  }
});

test.each([
  ['cut off', '{"payloadType": "application/vnd', 'is not JSON; it may be cut off (it has 32 bytes)'],
  ['empty', '', 'is not JSON'],
  ['another document', '{"schemaVersion": 2}', 'is not a DSSE envelope: at payloadType'],
  [
    'without signatures',
    '{"payloadType": "a", "payload": "", "signatures": []}',
    'is not a DSSE envelope: at signatures',
  ],
  [
    'not base64',
    '{"payloadType": "a", "payload": "a b", "signatures": [{"sig": "a"}]}',
    'at payload, it is not base64',
  ],
])('an envelope that is %s is refused', (_, text, sentence) => {
  const parse = () => parseEnvelope('a.json', Buffer.from(text));
  expect(parse).toThrow(UserError);
  expect(parse).toThrow(sentence);
});
