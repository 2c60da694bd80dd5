import { constants, createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** How signatures of one kind of key are made and verified. */
export interface SignatureScheme {
  /** For people, e.g. `ECDSA P-256 with SHA-256`. */
  readonly name: string;
  sign(data: Buffer, privateKey: KeyObject): Buffer;
  verify(data: Buffer, publicKey: KeyObject, signature: Buffer): boolean;
}

const smallestRsaBits = 2048;

export const supportedKeys = `Ed25519, ECDSA over P-256 or P-384, or RSA of ${smallestRsaBits} bits or more`;

const curves: Readonly<Record<string, { readonly name: string; readonly hash: string }>> = {
  prime256v1: { name: 'ECDSA P-256 with SHA-256', hash: 'sha256' },
  secp384r1: { name: 'ECDSA P-384 with SHA-384', hash: 'sha384' },
};

/**
 * The one scheme that Padlock uses for a key; null for a kind of key that it does not use.
 *
 * - Ed25519: RFC 8032, the message itself is signed.
 * - ECDSA P-256 with SHA-256, P-384 with SHA-384: FIPS 186-5; the signature is the DER `ECDSA-Sig-Value` (RFC 3279
 *   section 2.2.3), as OpenSSL and the DSSE libraries write it.
 * - RSA: RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 8017 section 8.1, which requires it of new
 *   applications).
 */
export function schemeOf(key: KeyObject): SignatureScheme | null {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return scheme('Ed25519', null, {});
    case 'ec': {
      const curve = curves[details?.namedCurve ?? ''];
      return curve === undefined ? null : scheme(curve.name, curve.hash, { dsaEncoding: 'der' });
    }
    case 'rsa':
      return (details?.modulusLength ?? 0) < smallestRsaBits
        ? null
        : scheme('RSASSA-PSS with SHA-256', 'sha256', { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
    default:
      return null;
  }
}

/** What a key is, for the message that refuses it, e.g. `ec secp256k1`. */
export function describeKind(key: KeyObject): string {
  const details = key.asymmetricKeyDetails;
  const more = details?.namedCurve ?? (details?.modulusLength === undefined ? null : `${details.modulusLength} bits`);
  return [key.asymmetricKeyType ?? 'unknown', more].filter((part) => part !== null).join(' ');
}

/** Names a key: lower-case hexadecimal SHA-256 of the DER SubjectPublicKeyInfo (RFC 5280 section 4.1) of its public half. */
export function keyIdOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

interface SchemeParameters {
  readonly dsaEncoding?: 'der';
  readonly padding?: number;
  readonly saltLength?: number;
}

function scheme(name: string, hash: string | null, parameters: SchemeParameters): SignatureScheme {
  return {
    name,
    sign: (data, key) => sign(hash, data, { key, ...parameters }),
    verify: (data, key, signature) => verify(hash, data, { key, ...parameters }, signature),
  };
}
