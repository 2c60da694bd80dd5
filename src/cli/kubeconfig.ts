import { readFile } from 'node:fs/promises';
import { connectCell } from '../environment/cell/cell.ts';

/** `padlock kubeconfig [NAME]`: made for KUBECONFIG=$(padlock kubeconfig) */
export async function kubeconfig(name: string, { raw }: { raw: boolean }): Promise<number> {
  const cell = await connectCell(name);
  process.stdout.write(raw ? await readFile(cell.kubeconfig, 'utf8') : `${cell.kubeconfig}\n`);
  return 0;
}
