import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/**
 * The identifier of a certificate in renewal information and in the `replaces` of an order (RFC 9773 section 4.1): the key
 * identifier of its issuer and its serial number with the octets of its DER, each base64url.
 *
 * @returns null for a certificate that does not name the key of its issuer
 */
export function renewalCertificateId(pem: string): string | null {
  const certificate = new x509.X509Certificate(pem);
  const keyId = certificate.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
  if (keyId === undefined) return null;
  const { serialNumber } = certificate;
  const even = serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`;
  // In DER, a positive number whose first bit is set has a leading zero octet.
  const serial = even.replace(/^(?=[89a-f])/i, '00');
  return [keyId, serial].map((hex) => Buffer.from(hex, 'hex').toString('base64url')).join('.');
}
