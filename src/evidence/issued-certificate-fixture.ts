import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate for tests, with whatever names. */
export async function issuedCertificate(options: { subject?: string; names?: x509.JsonGeneralNames } = {}) {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '00AB01',
    subject: options.subject ?? '',
    issuer: 'C=GB, CN=Pebble Intermediate CA',
    notBefore: new Date('2026-11-24T08:00:00Z'),
    notAfter: new Date('2027-02-22T07:59:59Z'),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: options.names === undefined ? [] : [new x509.SubjectAlternativeNameExtension(options.names)],
  });
  const spki = Buffer.from(await webcrypto.subtle.exportKey('spki', keys.publicKey));
  return { pem: certificate.toString('pem'), der: Buffer.from(certificate.rawData), spki };
}
