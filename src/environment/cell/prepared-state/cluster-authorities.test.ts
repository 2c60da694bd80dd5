import { createPrivateKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { expect, test } from 'vitest';
import { authorityLike, keyFormOf } from './cluster-authorities.ts';

const day = 86_400_000;

async function modelOf(
  algorithm: webcrypto.RsaHashedKeyGenParams | (webcrypto.EcKeyGenParams & { hash: string }),
): Promise<string> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'O=cluster.local',
    notBefore: new Date(Date.now() - 100 * day),
    notAfter: new Date(Date.now() - 10 * day),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  return certificate.toString('pem');
}

const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
};
const ec = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };

test.each([
  { kind: 'RSA of 2048 bits', algorithm: rsa, keyForm: 'pkcs1', details: { modulusLength: 2048 } },
  { kind: 'P-384', algorithm: ec, keyForm: 'pkcs8', details: { namedCurve: 'secp384r1' } },
  { kind: 'P-384 in SEC 1', algorithm: ec, keyForm: 'sec1', details: { namedCurve: 'secp384r1' } },
] as const)(
  'a new authority of $kind is like its model, even an expired one',
  async ({ algorithm, keyForm, details }) => {
    const model = await modelOf(algorithm);
    const made = await authorityLike({ certificate: model, keyForm });
    const [before, after] = [new X509Certificate(model), new X509Certificate(made.certificate)];
    expect(after.subject).toBe(before.subject);
    expect(after.ca).toBe(true);
    expect(after.publicKey.asymmetricKeyDetails).toMatchObject(details);
    expect(after.validFromDate.getTime()).toBeLessThanOrEqual(Date.now());
    expect(Math.round((after.validToDate.getTime() - after.validFromDate.getTime()) / day)).toBe(90);
    expect(after.verify(after.publicKey)).toBe(true);
    expect(keyFormOf(made.key)).toBe(keyForm);
    expect(after.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
    expect(after.publicKey.equals(before.publicKey)).toBe(false);
  },
);

test('reads the form of a key', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  for (const type of ['pkcs8', 'sec1'] as const) {
    expect(keyFormOf(privateKey.export({ format: 'pem', type }).toString())).toBe(type);
  }
});
