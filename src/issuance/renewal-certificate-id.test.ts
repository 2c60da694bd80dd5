import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { expect, test } from 'vitest';
import { hasLeadingZeroOctet, renewalCertificateId } from './renewal-certificate-id.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

async function certificate(extensions: x509.Extension[]): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    // The high bit is set, so that its DER has an octet more.
    serialNumber: '87654321',
    name: 'CN=Example',
    keys,
    signingAlgorithm: algorithm,
    extensions,
  });
  return made.toString('pem');
}

test('the identifier of the example in RFC 9773 section 4.1', async () => {
  const keyId = '69885b6b87464041e1b37b847ba0ae2cde01c8d4';
  const pem = await certificate([new x509.AuthorityKeyIdentifierExtension(keyId)]);
  expect(renewalCertificateId(pem)).toBe('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
});

test('a certificate that does not name the key of its issuer has none', async () => {
  expect(renewalCertificateId(await certificate([]))).toBeNull();
});

test.each([
  ['87654321', true],
  ['7f654321', false],
  ['0187654321', false],
  ['987654321', false],
  ['F0', true],
])('the serial number %s has a leading zero octet in DER: %s', (serialNumber, has) => {
  expect(hasLeadingZeroOctet(serialNumber)).toBe(has);
});
