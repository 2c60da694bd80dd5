import { readFile } from 'node:fs/promises';
import { connectCell } from '../../environment/cell/cell.ts';
import { isKindAlone } from '../options/named-environment.ts';

/**
 * `padlock kubeconfig [NAME]`: made for KUBECONFIG=$(padlock kubeconfig)
 *
 * @throws UserError (2) where there is no environment of that name, (3) where it runs no more
 */
export async function kubeconfig(name: string, { raw }: { raw: boolean }): Promise<number> {
  const environment = await (isKindAlone(name) ? connectedKind(name) : connectCell(name));
  process.stdout.write(raw ? await readFile(environment.kubeconfig, 'utf8') : `${environment.kubeconfig}\n`);
  return 0;
}

/** Loaded where it is used: its client of the container engine takes a while. */
async function connectedKind(name: string) {
  return await (await import('../../environment/kind/kind.ts')).connectKind(name);
}
