import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { promisify } from 'node:util';
import { base64url, calculateJwkThumbprint, exportJWK, FlattenedSign, type JWK } from 'jose';

export type AccountAlgorithm = 'ES256' | 'EdDSA' | 'RS256';

/** An account key of the probe. The private part never leaves the process. */
export interface SigningKey {
  readonly algorithm: AccountAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicJwk: JWK;
  /** RFC 7638. */
  readonly thumbprint: string;
}

const generate = promisify(generateKeyPair);

/** Makes an account key. The bits apply to RSA keys only. */
export async function createSigningKey(algorithm: AccountAlgorithm, rsaBits = 2048): Promise<SigningKey> {
  const { publicKey, privateKey } = await generatePair(algorithm, rsaBits);
  const publicJwk = await exportJWK(publicKey);
  return { algorithm, privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk) };
}

/**
 * Reads the key of an account: PEM, as most clients keep it, or a JWK, as certbot does.
 *
 * @throws for what is neither, or a key of another kind
 */
export async function readSigningKey(text: string): Promise<SigningKey> {
  const privateKey = text.trimStart().startsWith('{')
    ? createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' })
    : createPrivateKey(text);
  const algorithm = algorithmOf(privateKey);
  const publicJwk = await exportJWK(createPublicKey(privateKey));
  return { algorithm, privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk) };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): AccountAlgorithm {
  if (asymmetricKeyType === 'rsa') return 'RS256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  throw new Error(`a key of the type ${asymmetricKeyType}`);
}

function generatePair(algorithm: AccountAlgorithm, modulusLength: number) {
  if (algorithm === 'ES256') return generate('ec', { namedCurve: 'P-256' });
  return algorithm === 'EdDSA' ? generate('ed25519') : generate('rsa', { modulusLength });
}

/** A JWS in the flattened JSON serialization (RFC 7515 section 7.2.2), the form that RFC 8555 section 6.2 requires. */
export interface FlattenedJws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

export type ProtectedHeader = Readonly<Record<string, unknown>>;

/**
 * Signs a JWS. A header with another algorithm than the key's gets what a careless verifier could accept: no signature for
 * `none`, a MAC by the public key for an HMAC, the key's own signature for anything else.
 */
export async function signJws(key: SigningKey, header: ProtectedHeader, payload: string): Promise<FlattenedJws> {
  const rsaBits = key.privateKey.asymmetricKeyDetails?.modulusLength;
  // jose refuses RSA keys below 2048 bits.
  const honest = header.alg === key.algorithm && (rsaBits === undefined || rsaBits >= 2048);
  if (honest) {
    const jws = await new FlattenedSign(Buffer.from(payload))
      .setProtectedHeader({ ...header, alg: key.algorithm })
      .sign(key.privateKey);
    return { protected: jws.protected ?? '', payload: jws.payload, signature: jws.signature };
  }
  const encodedHeader = base64url.encode(JSON.stringify(header));
  const encodedPayload = base64url.encode(payload);
  const input = Buffer.from(`${encodedHeader}.${encodedPayload}`);
  return {
    protected: encodedHeader,
    payload: encodedPayload,
    signature: base64url.encode(signature(key, header.alg, input)),
  };
}

function signature(key: SigningKey, algorithm: unknown, input: Buffer): Uint8Array {
  if (algorithm === 'none') return new Uint8Array();
  if (algorithm === 'HS256') return createHmac('sha256', JSON.stringify(key.publicJwk)).update(input).digest();
  const digest = key.algorithm === 'EdDSA' ? null : 'sha256';
  // RFC 7518 section 3.4: R and S concatenated, not DER.
  return sign(digest, input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
}

/** Credentials of an external account. The MAC key is never recorded. */
export interface ExternalAccount {
  readonly kid: string;
  readonly macKey: Uint8Array;
}

/** A fault in a binding, for checks. */
export interface BindingFault {
  readonly kid?: string;
  readonly macKey?: Uint8Array;
  readonly url?: string;
  readonly nonce?: string;
  readonly payloadKey?: JWK;
}

/** The binding JWS of an account key to an external account (RFC 8555 section 7.3.4), by HS256. */
export function bindExternalAccount(
  account: ExternalAccount,
  key: SigningKey,
  url: string,
  fault: BindingFault = {},
): Promise<FlattenedJws> {
  return new FlattenedSign(Buffer.from(JSON.stringify(fault.payloadKey ?? key.publicJwk)))
    .setProtectedHeader({
      alg: 'HS256',
      kid: fault.kid ?? account.kid,
      url: fault.url ?? url,
      ...(fault.nonce === undefined ? {} : { nonce: fault.nonce }),
    })
    .sign(fault.macKey ?? account.macKey)
    .then((jws) => ({ protected: jws.protected ?? '', payload: jws.payload, signature: jws.signature }));
}

/** A well-formed nonce that no server has issued. */
export function inventedNonce(): string {
  return base64url.encode(randomBytes(16));
}
