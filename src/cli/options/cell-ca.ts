import { readFile } from 'node:fs/promises';
import { validationUserAgent } from '../../environment/ca/pebble.ts';
import type { RunningCell } from '../../environment/cell/cell.ts';
import { existingCa } from '../../environment/existing/existing-ca.ts';
import { askCa } from '../../suite/acme-client.ts';
import { UserError } from '../../user-error.ts';
import { type ExistingEnvironmentOptions, ofAnotherCa } from './existing-environment.ts';
import { externalAccountOf } from './external-account-options.ts';

/**
 * Puts the CA of the options in the place of the cell's own.
 *
 * @throws UserError (2) where options are missing, or the directory cannot be reached from the cell's internet
 */
export async function useCaOfOptions(cell: RunningCell, options: ExistingEnvironmentOptions): Promise<void> {
  const { directory, directoryCa, caRoot = [], caUserAgent } = options;
  if (directory === undefined) {
    refuseAnotherCa(options, 'these say how to use the CA of --directory, which is missing.');
    return;
  }
  const externalAccount = await externalAccountOf(options);
  const own = cell.ca;
  const ca = await existingCa({
    directory,
    directoryCa: directoryCa ?? own.directoryCaFile ?? undefined,
    caRoot,
    // Nobody else validates in the cell's internet.
    caUserAgent: caUserAgent ?? validationUserAgent,
    externalAccount,
  });
  const trustedRoots = ca.directoryCaFile === null ? null : await readFile(ca.directoryCaFile, 'utf8');
  await askCa(cell, { directoryUrl: ca.directoryUrl, trustedRoots, revoke: null }).catch((cause: Error) => {
    throw new UserError(
      `--directory ${directory} cannot be used from the cell '${cell.name}', whose network is isolated and has only what runs in its own internet; take --environment existing for a CA outside. ${cause.message}`,
      { cause },
    );
  });
  cell.useCa(ca);
}

/** @throws UserError (2) where options of a CA are given that a fresh environment, with a CA of its own, has no use for */
export function refuseAnotherCa(options: ExistingEnvironmentOptions, where: string): void {
  const given = Object.entries(ofAnotherCa).flatMap(([name, flag]) =>
    options[name as keyof typeof ofAnotherCa] === undefined ? [] : flag,
  );
  if (given.length === 0) return;
  throw new UserError(`${given.join(', ')}: ${where}`);
}
