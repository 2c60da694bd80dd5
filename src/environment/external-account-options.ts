import { textOfOption } from '../option-file.ts';
import { UserError } from '../user-error.ts';
import type { ExternalAccountBinding } from './environment.ts';

/** The options of a command that takes one external account. */
interface ExternalAccountOptions {
  readonly eabKid?: string | undefined;
  readonly eabHmacKeyFile?: string | undefined;
}

/** The options of a command that takes several, the kids and the files in the same order. */
export interface ExternalAccountsOptions {
  readonly eabKid?: readonly string[];
  readonly eabHmacKeyFile?: readonly string[];
}

/** The external account of the options. @throws UserError (2) if one of the two is missing or the key is not as CAs give it */
export async function externalAccountOf({
  eabKid,
  eabHmacKeyFile,
}: ExternalAccountOptions): Promise<ExternalAccountBinding | undefined> {
  const [account] = await externalAccountsOf({
    eabKid: eabKid === undefined ? [] : [eabKid],
    eabHmacKeyFile: eabHmacKeyFile === undefined ? [] : [eabHmacKeyFile],
  });
  return account;
}

/** The external accounts of the options. @throws UserError (2) if not each kid has its file, or a key is not as CAs give it */
export async function externalAccountsOf({
  eabKid = [],
  eabHmacKeyFile = [],
}: ExternalAccountsOptions): Promise<readonly ExternalAccountBinding[]> {
  if ((eabKid.length === 0) !== (eabHmacKeyFile.length === 0)) {
    throw new UserError('An external account needs both --eab-kid and --eab-hmac-key-file.');
  }
  if (eabKid.length !== eabHmacKeyFile.length) {
    throw new UserError(
      `--eab-kid has ${eabKid.length} external accounts, but --eab-hmac-key-file has ${eabHmacKeyFile.length} files. Pass one file per account, in the same order.`,
    );
  }
  const hmacKeys = await Promise.all(eabHmacKeyFile.map(hmacKeyIn));
  return eabKid.map((keyId, index) => ({ keyId, hmacKey: hmacKeys[index] ?? '' }));
}

async function hmacKeyIn(file: string): Promise<string> {
  const hmacKey = (await textOfOption('--eab-hmac-key-file', file)).trim();
  if (/^[A-Za-z0-9_-]+$/.test(hmacKey)) return hmacKey;
  throw new UserError(`--eab-hmac-key-file ${file} is not base64url without padding (RFC 8555, section 7.3.4).`);
}
