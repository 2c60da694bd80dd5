import { createHash, X509Certificate } from 'node:crypto';
import { messageOf } from '../error-message.ts';
import type { CertificateFacts } from './evidence.ts';

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificates of a PEM file in its order, one PEM block each; whatever else the file holds (explanatory text,
 * keys) is left out (RFC 7468, section 5).
 */
export function certificatesInPem(pem: string): string[] {
  return pem.match(pemCertificate) ?? [];
}

/**
 * What evidence says of an X.509 certificate.
 *
 * @param derOrPem one certificate; of a PEM file with several, the first counts
 * @throws Error with one sentence where it cannot be parsed
 */
export function certificateFacts(derOrPem: Buffer | string): CertificateFacts {
  try {
    return factsOf(new X509Certificate(derOrPem));
  } catch (error) {
    // A certificate may parse whose key or dates cannot be read.
    const reason = messageOf(error);
    throw new Error(`This is not an X.509 certificate in DER or PEM: ${reason}.`, { cause: error });
  }
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    serialNumber: certificate.serialNumber.toLowerCase(),
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
    dnsNames: dnsNamesOf(certificate.subjectAltName ?? ''),
    fingerprintSha256: sha256(certificate.raw),
    publicKeySha256: sha256(certificate.publicKey.export({ type: 'spki', format: 'der' })),
    pem: certificate.toString(),
  };
}

/** One line instead of Node's one attribute a line; certificates without a subject have none (RFC 5280, section 4.1.2.6). */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? '').split('\n').join(', ');
}

/**
 * The dNSName entries of a subject alternative name as Node prints it: entries are separated by `, `, and a value
 * with special characters is a JSON string, so that a name cannot pose as two.
 */
export function dnsNamesOf(subjectAltName: string): string[] {
  const names: string[] = [];
  for (const [, type, quoted, plain] of subjectAltName.matchAll(
    /(?:^|, )([^:,"]+):(?:("(?:[^"\\]|\\.)*")|((?:[^,"]|"(?:[^"\\]|\\.)*")*))/g,
  )) {
    if (type !== 'DNS') continue;
    names.push(quoted === undefined ? (plain ?? '') : String(JSON.parse(quoted)));
  }
  return names;
}

function sha256(der: Buffer): string {
  return createHash('sha256').update(der).digest('hex');
}
