import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** A certificate with its private key, both PEM. */
export interface KeyPairPem {
  readonly certificate: string;
  readonly key: string;
}

/** A root with its signing key. */
export interface Authority extends KeyPairPem {
  readonly issuer: x509.X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
}

export const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const lifetimeDays = 365;

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

function validity(): Validity {
  const now = Date.now();
  // Backdated by a minute, in case the clock is adjusted while an environment starts.
  return { notBefore: new Date(now - 60_000), notAfter: new Date(now + lifetimeDays * 86_400_000) };
}

function serialNumber(): string {
  // RFC 5280 section 4.1.2.2: positive; the leading 01 keeps the sign bit clear.
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;
}

/** A private key, PKCS #8. */
export async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** Makes a self-signed root for the parts of one environment. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const issuer = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    ...validity(),
    keys,
    signingAlgorithm: keyAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    issuer,
    signingKey: keys.privateKey,
    certificate: issuer.toString('pem'),
    key: await pemOfKey(keys.privateKey),
  };
}

/** The purpose of a certificate. */
export interface LeafRequest {
  readonly commonName: string;
  /** Kubernetes reads groups from the organisation. */
  readonly organization?: string;
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
  readonly usage: 'server' | 'client' | 'both';
  /** By default a year from now on. */
  readonly validity?: Validity;
}

/** Issues a certificate for one part of an environment. */
export async function issueCertificate(authority: Authority, request: LeafRequest): Promise<KeyPairPem> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const usages = [
    ...(request.usage === 'client' ? [] : [x509.ExtendedKeyUsage.serverAuth]),
    ...(request.usage === 'server' ? [] : [x509.ExtendedKeyUsage.clientAuth]),
  ];
  const names: x509.JsonGeneralNames = [
    ...(request.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(request.addresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  const subject: x509.JsonName = [
    ...(request.organization ? [{ O: [request.organization] }] : []),
    { CN: [request.commonName] },
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: authority.issuer.subject,
    ...(request.validity ?? validity()),
    publicKey: keys.publicKey,
    signingKey: authority.signingKey,
    signingAlgorithm: keyAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.AuthorityKeyIdentifierExtension.create(authority.issuer),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOfKey(keys.privateKey) };
}
