import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Components } from '../../src/components/index.ts';
import type { RunningCell } from '../../src/environment/cell/cell.ts';
import { cellPaths } from '../../src/environment/cell/cell-paths.ts';
import { startOutsidePebble } from '../../src/environment/cell/external-account-pebble.ts';
import { directoryHost } from '../../src/environment/outside/outside-services.ts';

interface PreValidatedCa {
  readonly components: Components;
  /** For its files. */
  readonly folder: string;
  /** Of the front. The CA behind has the two that follow. */
  readonly port: number;
}

/**
 * Starts a CA outside the cell's cluster that has validated every name before: see validates-beforehand.ts. It ends with the cell.
 *
 * @returns the options of `padlock run` for it
 */
export async function startPreValidatedCa(
  cell: RunningCell,
  { components, folder, port }: PreValidatedCa,
): Promise<readonly string[]> {
  const own = join(folder, 'pre-validated');
  await mkdir(own);
  await startOutsidePebble(cell, { components, folder: own, port: port + 1, variant: { asksNobody: true } });
  const root = join(cellPaths(cell.name).pki, 'ca.crt');
  const program = join(import.meta.dirname, 'front.ts');
  const front = cell.spawnOutside([process.execPath, program, directoryHost, String(port), root, own]);
  const { stdout } = front;
  if (stdout === null) throw new Error('the front of the CA has no stdout');
  const ended = once(front, 'exit').then(([status]) => {
    throw new Error(`the front of the CA ended with ${String(status)} before it listened`);
  });
  await Promise.race([once(stdout, 'data'), ended]);
  // It lives as long as the cell does.
  ended.catch(() => {});
  front.unref();
  const directory = `https://${directoryHost}:${port}/dir`;
  return ['--directory', directory, '--directory-ca', join(own, 'front.pem'), '--ca-root', join(own, 'roots.pem')];
}
