import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { UserError } from '../user-error.ts';
import { isPrivateKey, type PemBlock, readPemFile, type Variables } from './key-file.ts';
import { openPrivateKey } from './private-key.ts';
import { describeKind, keyIdOf, schemeOf, supportedKeys } from './signature-scheme.ts';

/** A public key that signatures are verified with. */
export interface VerificationKey {
  /** Lower-case hexadecimal SHA-256 of the DER SubjectPublicKeyInfo. */
  readonly keyId: string;
  readonly scheme: string;
  /** What the caller should know of the key, a sentence each. */
  readonly notes: readonly string[];
  verify(data: Buffer, signature: Buffer): boolean;
}

/**
 * Loads the key of `padlock verify --key`.
 *
 * @param file PEM: a public key, a certificate (the first one counts) or the private key
 * @throws UserError (2), one sentence
 */
export async function loadVerificationKey(file: string, variables: Variables = process.env): Promise<VerificationKey> {
  const { blocks } = await readPemFile('key', file);
  const block = blocks.find(({ label }) => !label.endsWith('PARAMETERS'));
  const key = block === undefined ? null : publicKeyOf(file, block, variables);
  if (block === undefined || key === null) {
    throw new UserError(`The key ${file} holds no key: there is only a ${blocks[0]?.label ?? 'block'} in it.`);
  }
  const scheme = schemeOf(key);
  if (scheme === null) {
    throw new UserError(
      `The key ${file} is of an unsupported kind (${describeKind(key)}). Supported kinds: ${supportedKeys}.`,
    );
  }
  return {
    keyId: keyIdOf(key),
    scheme: scheme.name,
    notes:
      block.label === 'CERTIFICATE'
        ? [`Only the key of the certificate ${file} was used; its issuer and its validity were not checked.`]
        : [],
    verify: (data, signature) => scheme.verify(data, key, signature),
  };
}

function publicKeyOf(file: string, block: PemBlock, variables: Variables): KeyObject | null {
  if (isPrivateKey(block)) return createPublicKey(openPrivateKey('key', file, block, variables));
  try {
    if (block.label === 'CERTIFICATE') return new X509Certificate(block.text).publicKey;
    if (block.label.endsWith('PUBLIC KEY')) return createPublicKey({ key: block.text, format: 'pem' });
    return null;
  } catch (cause) {
    throw new UserError(`The key ${file} is damaged: its ${block.label} cannot be decoded.`, { cause });
  }
}
