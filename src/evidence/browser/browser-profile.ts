import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd } from '../../run-to-end.ts';

/** A home folder for one browser: its profile, its temporary files and the certificates that it trusts. */
export interface BrowserHome extends AsyncDisposable {
  readonly folder: string;
}

/**
 * Makes a home folder whose NSS database (where Chromium on Linux looks for what a user trusts) trusts the given PEM
 * roots as issuers of TLS servers and nothing more. Disposing of it removes it.
 *
 * @param scratch a folder that is there
 */
export async function makeBrowserHome(
  scratch: string,
  certutil: string,
  roots: readonly string[],
): Promise<BrowserHome> {
  const folder = await mkdtemp(join(scratch, 'browser-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    const database = join(folder, '.pki', 'nssdb');
    await mkdir(database, { recursive: true });
    await mkdir(join(folder, 'tmp'));
    await runToEnd(certutil, ['-d', `sql:${database}`, '-N', '--empty-password']);
    for (const [index, root] of roots.entries()) {
      const name = `padlock-${index + 1}`;
      const file = join(folder, `${name}.pem`);
      await writeFile(file, root);
      await runToEnd(certutil, ['-d', `sql:${database}`, '-A', '-t', 'C,,', '-n', name, '-i', file]);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: remove };
}
