import { createHash, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { TlsPresentation } from './responders.ts';

/** id-pe-acmeIdentifier (RFC 8737 section 6.1). */
const acmeIdentifier = '1.3.6.1.5.5.7.1.31';
const dayMs = 86_400_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** What no client should present, one at a time. */
export interface AcmeIdentifierFault {
  /** Default: the host alone. */
  readonly names?: readonly string[];
  /** Of acmeIdentifier; default: critical. */
  readonly extension?: 'absent' | 'not critical';
}

/**
 * The self-signed certificate that answers tls-alpn-01: one SAN, and the SHA-256 digest of the key authorization in a critical
 * acmeIdentifier extension (RFC 8737 section 3; of an IP address RFC 8738 section 6).
 */
export async function acmeIdentifierCertificate(
  host: string,
  keyAuthorization: string,
  { names = [host], extension }: AcmeIdentifierFault = {},
): Promise<TlsPresentation> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const digest = createHash('sha256').update(keyAuthorization).digest();
  // A DER OCTET STRING of 32 bytes.
  const value = Buffer.concat([Buffer.from([0x04, digest.length]), digest]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=padlock',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) > 0 ? 'ip' : 'dns', value: name })),
      ),
      ...(extension === 'absent' ? [] : [new x509.Extension(acmeIdentifier, extension !== 'not critical', value)]),
    ],
  });
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { certificate: certificate.toString('pem'), key };
}
