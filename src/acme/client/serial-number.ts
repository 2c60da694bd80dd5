import { X509Certificate } from 'node:crypto';

export interface SerialNumber {
  /** Negative if the first bit of its INTEGER is set. */
  readonly value: bigint;
  /** The length of its DER INTEGER, including a leading zero octet. */
  readonly octets: number;
}

/** The serial number of a certificate in DER. @peculiar/x509 drops the sign and the leading zero. */
export function serialNumberOf(certificate: ArrayBuffer): SerialNumber {
  const { serialNumber } = new X509Certificate(Buffer.from(certificate));
  const isNegative = serialNumber.startsWith('-');
  const magnitude = BigInt(`0x${serialNumber.replace('-', '')}`);
  const bits = (isNegative ? magnitude - 1n : magnitude).toString(2).replace(/^0$/, '').length;
  return { value: isNegative ? -magnitude : magnitude, octets: Math.floor(bits / 8) + 1 };
}
