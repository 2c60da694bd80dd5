import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { certificateFacts } from '../../evidence/certificate-facts.ts';
import type { CertificateFacts } from '../../evidence/evidence.ts';

/** Real certificates for tests of checks: a CA with a root and an intermediate, made when a test asks for them. */

type KeyPair = Awaited<ReturnType<typeof generateKey>>;

/** A CA certificate together with the key it signs with. */
export interface Issuer {
  readonly certificate: x509.X509Certificate;
  readonly keys: KeyPair;
  readonly facts: CertificateFacts;
}

export interface IssuerOptions {
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** False for a certificate that signs without being allowed to. */
  readonly ca?: boolean;
}

export interface LeafOptions {
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly usage?: 'server' | 'client';
  readonly ipAddresses?: readonly string[];
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const caDefaults = { notBefore: '2026-11-24T08:00:00.000Z', notAfter: '2056-11-24T08:00:00.000Z', ca: true };
const leafValidity = { notBefore: '2026-11-24T09:00:24.000Z', notAfter: '2027-02-22T09:00:23.000Z' };

let issuedSoFar = 0;

function generateKey() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function nextSerialNumber(): string {
  issuedSoFar += 1;
  return `01${issuedSoFar.toString(16).padStart(14, '0')}`;
}

/** Makes a CA: a root, or an intermediate where a parent signs it. */
export async function createIssuer(commonName: string, parent?: Issuer, options: IssuerOptions = {}): Promise<Issuer> {
  const { notBefore, notAfter, ca } = { ...caDefaults, ...options };
  const keys = await generateKey();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: nextSerialNumber(),
    subject: `CN=${commonName}`,
    issuer: parent?.certificate.subject ?? `CN=${commonName}`,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    publicKey: keys.publicKey,
    signingKey: parent?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(ca, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys, facts: certificateFacts(certificate.toString('pem')) };
}

/** Issues a TLS server certificate as an ACME CA does: names only in the subject alternative name. */
export async function issueLeaf(
  issuer: Issuer,
  dnsNames: readonly string[],
  options: LeafOptions = {},
): Promise<CertificateFacts> {
  const keys = await generateKey();
  const usage = options.usage === 'client' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: nextSerialNumber(),
    issuer: issuer.certificate.subject,
    notBefore: new Date(options.notBefore ?? leafValidity.notBefore),
    notAfter: new Date(options.notAfter ?? leafValidity.notAfter),
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
      new x509.SubjectAlternativeNameExtension([
        ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
        ...(options.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value })),
      ]),
    ],
  });
  return certificateFacts(certificate.toString('pem'));
}
