import { fileErrorReason } from '../file-error.ts';
import { UserError } from '../user-error.ts';
import { readBoundedFile, UnsuitableFileError } from './bounded-file.ts';

const maxBytes = 64 * 1024;

/** Where the passphrase of an encrypted key comes from, and nowhere else: never an argument, never a file. */
export const passphraseVariable = 'PADLOCK_ATTEST_PASSPHRASE';

/** The variables of the environment that keys are opened with. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A block of a PEM file (RFC 7468 section 2). */
export interface PemBlock {
  /** e.g. `PRIVATE KEY`, `EC PRIVATE KEY`, `CERTIFICATE` */
  readonly label: string;
  readonly text: string;
}

export interface PemFile {
  readonly blocks: readonly PemBlock[];
  /** Permission bits and type, as in `stat`. */
  readonly mode: number;
}

const block = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** @param what how messages name the file, e.g. `signing key` @throws UserError (2), one sentence */
export async function readPemFile(what: string, file: string): Promise<PemFile> {
  try {
    const { bytes, mode } = await readBoundedFile(file, { maxBytes, followLink: true });
    const blocks = [...bytes.toString('latin1').matchAll(block)].map(([text, label]) => ({ label: label ?? '', text }));
    if (blocks.length === 0) throw new UserError(`The ${what} ${file} is not a key in PEM.`);
    return { blocks, mode };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const reason = cause instanceof UnsuitableFileError ? cause.message : fileErrorReason(cause);
    throw new UserError(`Cannot read the ${what} ${file}: ${reason}.`, { cause });
  }
}

export function isPrivateKey({ label }: PemBlock): boolean {
  return label.endsWith('PRIVATE KEY');
}

/** PKCS#8 says so in the label, the older forms in a header (RFC 1421 section 4.6.1.1). */
export function isEncrypted({ label, text }: PemBlock): boolean {
  return label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED/m.test(text);
}
