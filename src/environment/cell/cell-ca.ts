import { readFile } from 'node:fs/promises';
import { UserError } from '../../user-error.ts';
import { existingCa } from '../ca/existing-ca.ts';
import { externalAccountOf } from '../external-account-options.ts';
import type { PrepareRequest } from '../provider.ts';
import { flagOf } from '../provider-option.ts';
import { caOptions } from '../shared-options.ts';
import type { RunningCell } from './cell.ts';
import type { CellOptions } from './cell-options.ts';

/**
 * Replaces the cell's own CA with the CA of the options.
 *
 * @throws UserError (2) if --directory is missing or does not answer outside the cluster
 */
export async function useCaOfOptions(
  cell: RunningCell,
  options: CellOptions,
  askDirectory: PrepareRequest<CellOptions>['askDirectory'],
): Promise<void> {
  const { directory, directoryCa, caRoot = [], caUserAgent } = options;
  if (directory === undefined) {
    refuseWithoutDirectory(options);
    return;
  }
  const ca = await existingCa({
    directory,
    directoryCa: directoryCa ?? cell.ca.directoryCaFile ?? undefined,
    caRoot,
    // No other CA validates there.
    caUserAgent: caUserAgent ?? cell.ca.userAgent,
    externalAccount: await externalAccountOf(options),
  });
  const trustedRoots = ca.directoryCaFile === null ? null : await readFile(ca.directoryCaFile, 'utf8');
  await askDirectory(cell, { directoryUrl: ca.directoryUrl, trustedRoots }).catch((cause: Error) => {
    throw new UserError(
      `--directory ${directory} does not answer outside the cell '${cell.name}'. The cell is isolated and reaches only what runs there; use --environment existing for any other CA. ${cause.message}`,
      { cause },
    );
  });
  cell.useCa(ca);
}

function refuseWithoutDirectory(options: CellOptions): void {
  const names = Object.keys(caOptions) as readonly (keyof typeof caOptions)[];
  const given = names.filter((name) => options[name] !== undefined).map((name) => flagOf(caOptions[name]));
  if (given.length > 0) throw new UserError(`${given.join(', ')} cannot be used without --directory.`);
}
