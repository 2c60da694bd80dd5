import { X509Certificate } from 'node:crypto';
import { userAgentOfDirectory } from '../../evidence/validation-agents.ts';
import { textOfOption } from '../../option-file.ts';
import { UserError } from '../../user-error.ts';
import type { CertificateAuthority, ExternalAccountBinding } from '../environment.ts';

export interface ExistingCaOptions {
  readonly directory: string;
  /** A PEM file with the root of the directory's TLS certificate, if it is not a public root. */
  readonly directoryCa?: string | undefined;
  /** PEM files with the roots of issued chains. */
  readonly caRoot: readonly string[];
  readonly caUserAgent?: string | undefined;
  readonly externalAccount?: ExternalAccountBinding | undefined;
}

/**
 * A CA given by its URL. The user names its roots, because an issued certificate cannot prove them.
 *
 * @throws UserError (2) if the URL is invalid, or a file cannot be read
 */
export async function existingCa({
  directory,
  directoryCa,
  caRoot,
  caUserAgent,
  externalAccount,
}: ExistingCaOptions): Promise<CertificateAuthority> {
  const url = URL.parse(directory);
  if (url === null || url.protocol !== 'https:') {
    throw new UserError(
      `--directory ${directory} is not an https URL, which an ACME directory needs (RFC 8555, section 7.1.1).`,
    );
  }
  if (directoryCa !== undefined) await certificatesIn('--directory-ca', directoryCa);
  const roots = (await Promise.all(caRoot.map((file) => certificatesIn('--ca-root', file)))).flat();
  return {
    directoryUrl: url.href,
    directoryCaFile: directoryCa ?? null,
    software: url.hostname,
    version: '',
    settings: {},
    ...(externalAccount === undefined ? {} : { externalAccount }),
    userAgent: caUserAgent ?? userAgentOfDirectory(url.hostname),
    log: null,
    roots: async () => roots,
  };
}

/** @throws UserError (2) if the file cannot be read or has no certificate */
async function certificatesIn(option: string, file: string): Promise<readonly string[]> {
  const text = await textOfOption(option, file);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new UserError(`${option} ${file} contains no PEM certificate.`);
  return blocks.map((block) => {
    try {
      return new X509Certificate(block).toString();
    } catch (cause) {
      throw new UserError(`${option} ${file} contains an invalid certificate.`, { cause });
    }
  });
}
