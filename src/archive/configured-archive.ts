import packageJson from '../../package.json' with { type: 'json' };
import { loadVerificationKey, type VerificationKey } from '../attest/index.ts';
import { UserError } from '../user-error.ts';
import { ownPlatform, ownVersion } from './archive-manifest.ts';

export const archiveVariable = 'PADLOCK_ARCHIVE';
export const archiveKeyVariable = 'PADLOCK_ARCHIVE_KEY';

/** An archive that is taken without being asked for, when the cache lacks components. */
export interface ConfiguredArchive {
  /** A file or URL. */
  readonly from: string;
  /**
   * Where it comes from. What was set by hand must work; a release may not exist (yet), and the components are built instead.
   */
  readonly by: typeof archiveVariable | 'release';
  readonly key: { readonly file: string; readonly verification: VerificationKey } | null;
}

/**
 * The archive of the environment variables, else that of the release with Padlock's own version, if `repository` in package.json says where
 * releases are. `PADLOCK_ARCHIVE=none` turns both off.
 *
 * @throws UserError (2) for a key that cannot be used
 */
export async function configuredArchive(
  variables: Readonly<Record<string, string | undefined>> = process.env,
  project: object = packageJson,
): Promise<ConfiguredArchive | null> {
  const set = variables[archiveVariable] ?? '';
  const keyFile = variables[archiveKeyVariable] ?? '';
  if (set === 'none') return null;
  const release = releaseArchive('repository' in project ? project.repository : null);
  const from = set === '' ? release : set;
  if (from === null) {
    if (keyFile === '') return null;
    throw new UserError(`${archiveKeyVariable} is set, but no archive: set ${archiveVariable} to its file or URL.`);
  }
  const key = keyFile === '' ? null : { file: keyFile, verification: await loadVerificationKey(keyFile) };
  return { from, by: set === '' ? 'release' : archiveVariable, key };
}

/** The name of an archive in a release, e.g. `padlock-0.2.0-linux-amd64.tar.zst`. */
export const releaseArchiveName = `padlock-${ownVersion}-${ownPlatform.replace('/', '-')}.tar.zst`;

/** The URL of the release with this version. @param repository as in package.json: `{ "url": "git+https://github.com/OWNER/NAME.git" }` */
function releaseArchive(repository: unknown): string | null {
  if (repository === null || typeof repository !== 'object' || !('url' in repository)) return null;
  const [, path] =
    /^(?:git\+)?https:\/\/github\.com\/([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(String(repository.url)) ?? [];
  return path === undefined
    ? null
    : `https://github.com/${path}/releases/download/v${ownVersion}/${releaseArchiveName}`;
}
