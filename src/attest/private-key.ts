import { createPrivateKey, type KeyObject } from 'node:crypto';
import { UserError } from '../user-error.ts';
import { isEncrypted, type PemBlock, passphraseVariable, type Variables } from './key-file.ts';

/**
 * Opens the private key of a PEM block: PKCS#8, SEC1 or PKCS#1, encrypted or not.
 *
 * @param what how messages name the file, e.g. `signing key`
 * @throws UserError (2), one sentence that holds nothing of the key or its passphrase
 */
export function openPrivateKey(what: string, file: string, block: PemBlock, variables: Variables): KeyObject {
  if (block.label === 'OPENSSH PRIVATE KEY') {
    throw new UserError(
      `The ${what} ${file} is in OpenSSH's own format. Convert a copy of it to PKCS#8 with 'ssh-keygen -p -m PKCS8 -f FILE'.`,
    );
  }
  const encrypted = isEncrypted(block);
  const passphrase = variables[passphraseVariable];
  if (encrypted && (passphrase === undefined || passphrase === '')) {
    throw new UserError(`The ${what} ${file} is encrypted. Set the variable ${passphraseVariable} to its passphrase.`);
  }
  try {
    return createPrivateKey({ key: block.text, format: 'pem', ...(encrypted ? { passphrase } : {}) });
  } catch (cause) {
    throw new UserError(
      encrypted
        ? `The ${what} ${file} cannot be opened with the passphrase in ${passphraseVariable}.`
        : `The ${what} ${file} is damaged: its ${block.label} cannot be decoded.`,
      { cause },
    );
  }
}
