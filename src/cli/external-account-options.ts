import { readFile } from 'node:fs/promises';
import type { ExternalAccountBinding } from '../environment/environment.ts';
import { UserError } from '../user-error.ts';

interface ExternalAccountOptions {
  readonly eabKid?: string;
  readonly eabHmacKeyFile?: string;
}

/** The external account of the options. @throws UserError (2) where one of the two is missing or the key is not as CAs give it */
export async function externalAccountOf({
  eabKid,
  eabHmacKeyFile,
}: ExternalAccountOptions): Promise<ExternalAccountBinding | undefined> {
  if (eabKid === undefined && eabHmacKeyFile === undefined) return undefined;
  if (eabKid === undefined || eabHmacKeyFile === undefined) {
    throw new UserError('An external account needs both --eab-kid and --eab-hmac-key-file.');
  }
  const text = await readFile(eabHmacKeyFile, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`--eab-hmac-key-file ${eabHmacKeyFile} cannot be read (${cause.code ?? cause.message}).`, {
      cause,
    });
  });
  const hmacKey = text.trim();
  if (/^[A-Za-z0-9_-]+$/.test(hmacKey)) return { keyId: eabKid, hmacKey };
  throw new UserError(
    `--eab-hmac-key-file ${eabHmacKeyFile} is not base64url without padding, as RFC 8555 section 7.3.4 has it.`,
  );
}
