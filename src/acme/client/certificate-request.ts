import { createPrivateKey, type KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

export type CertificateKeyAlgorithm = 'ECDSA P-256' | 'ECDSA P-384' | 'RSA 2048' | 'RSA 3072';

/** The key pair of a certificate. The private part never leaves the process. */
export interface CertificateKey {
  readonly pair: webcrypto.CryptoKeyPair;
  /** Signs revocations (RFC 8555 section 7.6). */
  readonly privateKey: KeyObject;
  readonly signingAlgorithm: { readonly name: string; readonly hash: string };
}

export async function createCertificateKey(
  algorithm: CertificateKeyAlgorithm = 'ECDSA P-256',
): Promise<CertificateKey> {
  const [family, size] = algorithm.split(' ');
  const pair =
    family === 'RSA'
      ? await webcrypto.subtle.generateKey(
          {
            name: 'RSASSA-PKCS1-v1_5',
            modulusLength: Number(size),
            publicExponent: new Uint8Array([1, 0, 1]),
            hash: 'SHA-256',
          },
          true,
          ['sign', 'verify'],
        )
      : await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: String(size) }, true, ['sign', 'verify']);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', pair.privateKey));
  return {
    pair,
    privateKey: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }),
    signingAlgorithm: {
      name: pair.privateKey.algorithm.name,
      hash: size === 'P-384' ? 'SHA-384' : 'SHA-256',
    },
  };
}

export interface CertificateRequest {
  /** DNS names and IP addresses of the subjectAltName extension; empty for a request without that extension. */
  readonly names: readonly string[];
  /** The common name of the subject. Default: none. */
  readonly commonName?: string;
  readonly extensions?: readonly x509.Extension[];
}

/** A certification request (RFC 2986) in DER, signed by the key. */
export async function createCertificateRequest(
  key: CertificateKey,
  { names, commonName, extensions = [] }: CertificateRequest,
): Promise<Buffer> {
  const subjectAltName = new x509.SubjectAlternativeNameExtension(
    names.map((value) => ({ type: isIP(value) > 0 ? 'ip' : 'dns', value })),
  );
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    ...(commonName === undefined ? {} : { name: [{ CN: [commonName] }] }),
    keys: key.pair,
    signingAlgorithm: key.signingAlgorithm,
    extensions: [...(names.length === 0 ? [] : [subjectAltName]), ...extensions],
  });
  return Buffer.from(request.rawData);
}
