import { X509Certificate } from 'node:crypto';

export interface SerialNumber {
  /** Negative where the first bit of its INTEGER is set. */
  readonly value: bigint;
  /** Of its INTEGER in DER, with the zero that keeps a first bit from being the sign. */
  readonly octets: number;
}

/** The serial number of a certificate in DER. @peculiar/x509 gives it without sign and leading zero. */
export function serialNumberOf(certificate: ArrayBuffer): SerialNumber {
  const { serialNumber } = new X509Certificate(Buffer.from(certificate));
  const isNegative = serialNumber.startsWith('-');
  const magnitude = BigInt(`0x${serialNumber.replace('-', '')}`);
  const bits = (isNegative ? magnitude - 1n : magnitude).toString(2).replace(/^0$/, '').length;
  return { value: isNegative ? -magnitude : magnitude, octets: Math.floor(bits / 8) + 1 };
}
