import { X509Certificate } from 'node:crypto';

/** The DER of the object identifier of authorityKeyIdentifier (RFC 5280 section 4.2.1.1), 2.5.29.35. */
const authorityKeyIdentifier = Buffer.from('0603551d23', 'hex');
const tags = { boolean: 0x01, octetString: 0x04, sequence: 0x30, keyIdentifier: 0x80 } as const;

/**
 * The identifier of a certificate in renewal information and in the `replaces` of an order (RFC 9773 section 4.1): the key
 * identifier of its issuer and its serial number with the octets of its DER, each base64url.
 *
 * @returns null for a certificate that does not name the key of its issuer
 */
export function renewalCertificateId(pem: string): string | null {
  const { raw, serialNumber } = new X509Certificate(pem);
  const keyId = keyIdentifierOfIssuer(raw);
  if (keyId === null) return null;
  const serial = Buffer.from(`${hasLeadingZeroOctet(serialNumber) ? '00' : ''}${wholeOctets(serialNumber)}`, 'hex');
  return [keyId, serial].map((octets) => octets.toString('base64url')).join('.');
}

/**
 * Whether a serial number has a leading zero octet in DER: a positive number whose first bit is set has one.
 *
 * @param serialNumber hexadecimal
 */
export function hasLeadingZeroOctet(serialNumber: string): boolean {
  return /^[89a-f]/i.test(wholeOctets(serialNumber));
}

function wholeOctets(hexadecimal: string): string {
  return hexadecimal.length % 2 === 0 ? hexadecimal : `0${hexadecimal}`;
}

/** An extension is its identifier, whether it is critical, and an octet string: here with a sequence that begins with the key. */
function keyIdentifierOfIssuer(der: Buffer): Buffer | null {
  const found = der.indexOf(authorityKeyIdentifier);
  if (found < 0) return null;
  let at = found + authorityKeyIdentifier.length;
  if (der[at] === tags.boolean) at += 3;
  if (der[at] !== tags.octetString || der[at + 2] !== tags.sequence || der[at + 4] !== tags.keyIdentifier) return null;
  const length = der[at + 5] ?? 0;
  return der.subarray(at + 6, at + 6 + length);
}
