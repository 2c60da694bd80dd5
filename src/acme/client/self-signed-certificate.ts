import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const dayMs = 86_400_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface SelfSignedRequest {
  readonly commonName: string;
  /** DNS names and IP addresses of the subjectAltName extension. */
  readonly hosts: readonly string[];
  readonly days: number;
  /** In addition to subjectAltName. */
  readonly extensions?: readonly x509.Extension[];
}

/** A certificate and its private key, both PEM. */
export interface CertificateWithKey {
  readonly certificate: string;
  readonly key: string;
}

/** A self-signed certificate with a new ECDSA P-256 key, valid from a day ago to tolerate slow clocks. */
export async function selfSignedCertificate(request: SelfSignedRequest): Promise<CertificateWithKey> {
  const { commonName, hosts, days, extensions = [] } = request;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + days * dayMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      ...extensions,
      new x509.SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
    ],
  });
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'),
  };
}

/** The certificate of a TLS server, which clients trust directly. */
export function serverCertificate(commonName: string, hosts: readonly string[]): Promise<CertificateWithKey> {
  const extensions = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
  ];
  return selfSignedCertificate({ commonName, hosts, days: 30, extensions });
}
