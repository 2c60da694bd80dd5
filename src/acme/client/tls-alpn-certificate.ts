import { createHash } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { TlsPresentation } from './responders.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

/** id-pe-acmeIdentifier (RFC 8737 section 6.1). */
const acmeIdentifier = '1.3.6.1.5.5.7.1.31';

/** A fault that an honest client does not have. */
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
  const digest = createHash('sha256').update(keyAuthorization).digest();
  // A DER OCTET STRING of 32 bytes.
  const value = Buffer.concat([Buffer.from([0x04, digest.length]), digest]);
  const identifier = new x509.Extension(acmeIdentifier, extension !== 'not critical', value);
  const extensions = extension === 'absent' ? [] : [identifier];
  return selfSignedCertificate({ commonName: 'padlock', hosts: names, days: 1, extensions });
}
