import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ExternalAccountCa, RunningEnvironment } from '../environment.ts';
import { cellPaths } from './cell-paths.ts';
import { startFurtherPebble } from './further-pebble.ts';

const keyId = 'padlock-kid';
const recordSchema = z.object({ directoryUrl: z.url(), keyId: z.string(), hmacKey: z.string() });

/**
 * The CA of a cell that demands external account binding (RFC 8555 section 7.3.4). The first call starts it; it goes on with the cell,
 * and later calls, also of other processes, give the same one.
 *
 * @throws Error if it does not start
 */
export async function externalAccountCaOf(
  cell: Pick<RunningEnvironment, 'name' | 'nameServers' | 'spawnOutside'>,
): Promise<ExternalAccountCa> {
  const file = join(cellPaths(cell.name).outside, 'external-account.json');
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known !== null) return recordSchema.parse(JSON.parse(known));
  const hmacKey = randomBytes(32).toString('base64url');
  const { ca } = await startFurtherPebble(cell, { externalAccounts: { [keyId]: hmacKey }, outlives: true });
  const record: ExternalAccountCa = { directoryUrl: ca.directoryUrl, keyId, hmacKey };
  await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return record;
}
