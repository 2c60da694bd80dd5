import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { expect, test } from 'vitest';
import { serialNumberOf } from './serial-number.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;

async function certificate(serialNumber: string): Promise<ArrayBuffer> {
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber, keys, signingAlgorithm: algorithm, name: 'CN=test' },
  });
  return made.rawData;
}

test.each([
  ['79cf226cf9509692115ec07ca3b579ab', 16],
  // Its INTEGER begins with a zero: else it were negative.
  ['f9cf226cf9509692115ec07ca3b579ab', 17],
  ['01', 1],
])('the serial number %s is positive, in %i octets', async (serial, octets) => {
  expect(serialNumberOf(await certificate(serial))).toEqual({ value: BigInt(`0x${serial}`), octets });
});

test('a serial number whose first bit is set is negative', async () => {
  const der = Buffer.from(await certificate('79cf226cf9509692115ec07ca3b579ab'));
  der[der.indexOf(Buffer.from('79cf226c', 'hex'))] = 0xf9;
  const { value, octets } = serialNumberOf(Uint8Array.from(der).buffer);
  expect([value < 0n, octets]).toEqual([true, 16]);
});
