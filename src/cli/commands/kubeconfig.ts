import { readFile } from 'node:fs/promises';
import { environmentNamed } from '../../environment/registry/providers.ts';

/**
 * `padlock kubeconfig [NAME]`: made for KUBECONFIG=$(padlock kubeconfig)
 *
 * @throws UserError: (2) for an unknown name, (3) if the environment no longer runs
 */
export async function kubeconfig(name: string, { raw }: { raw: boolean }): Promise<number> {
  const environment = await (await environmentNamed(name)).connect();
  process.stdout.write(raw ? await readFile(environment.kubeconfig, 'utf8') : `${environment.kubeconfig}\n`);
  return 0;
}
