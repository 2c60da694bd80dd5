import { UserError } from '../user-error.ts';
import { isPrivateKey, readPemFile, type Variables } from './key-file.ts';
import { openPrivateKey } from './private-key.ts';
import { describeKind, keyIdOf, schemeOf, supportedKeys } from './signature-scheme.ts';

/** A private key that reports are signed with. */
export interface SigningKey {
  /** Lower-case hexadecimal SHA-256 of the DER SubjectPublicKeyInfo. */
  readonly keyId: string;
  /** How it signs, e.g. `Ed25519`. */
  readonly scheme: string;
  /** What is wrong with the file without preventing a signature, a sentence each. */
  readonly warnings: readonly string[];
  sign(data: Buffer): Buffer;
}

const readableByOthers = 0o004;

/**
 * Loads the key of `padlock run --attest`; called before the run, so that a wrong file does not cost one.
 *
 * @param file PEM: PKCS#8, SEC1 or PKCS#1; Ed25519, ECDSA P-256 or P-384, or RSA. Of an encrypted one the passphrase is
 *   in `PADLOCK_ATTEST_PASSPHRASE`.
 * @throws UserError (2), one sentence: not there, not a private key, of another kind, encrypted and not to be opened
 */
export async function loadSigningKey(file: string, variables: Variables = process.env): Promise<SigningKey> {
  const { blocks, mode } = await readPemFile('signing key', file);
  const [block, ...others] = blocks.filter(isPrivateKey);
  if (block === undefined) {
    const held = blocks[0]?.label === 'CERTIFICATE' ? 'a certificate' : 'a public key';
    const found = blocks.some(({ label }) => label.endsWith('PUBLIC KEY') || label === 'CERTIFICATE') ? held : 'no key';
    throw new UserError(`The signing key ${file} holds ${found}; name the file with the private key.`);
  }
  if (others.length > 0) {
    throw new UserError(`The signing key ${file} holds ${others.length + 1} private keys; name a file with one.`);
  }
  const key = openPrivateKey('signing key', file, block, variables);
  const scheme = schemeOf(key);
  if (scheme === null) {
    throw new UserError(
      `The signing key ${file} is of an unsupported kind (${describeKind(key)}). Supported kinds: ${supportedKeys}.`,
    );
  }
  const open = (mode & readableByOthers) !== 0;
  return {
    keyId: keyIdOf(key),
    scheme: scheme.name,
    warnings: open ? [`The signing key ${file} is readable by everyone on this machine; run 'chmod 600' on it.`] : [],
    sign: (data) => scheme.sign(data, key),
  };
}
