import type { CommandContext } from './command-context.ts';
import { bringUp, builtComponents, howToReach, requireMachine } from './environment-session.ts';

interface UpOptions {
  readonly name: string;
  readonly subnet?: number;
  readonly json: boolean;
}

/** `padlock up` */
export async function up({ name, subnet, json }: UpOptions, { signal }: CommandContext): Promise<number> {
  await requireMachine();
  const components = await builtComponents(signal);
  const started = performance.now();
  const cell = await bringUp({ name, components, subnet, signal });
  const upMs = Math.round(performance.now() - started);
  await cell.detach();
  process.stderr.write(`Up in ${(upMs / 1000).toFixed(1)} s. ${howToReach(cell)}`);
  if (json) {
    const { kubeconfig, network } = cell;
    process.stdout.write(
      `${JSON.stringify({ name, kubeconfig, subnet: network.subnet, directoryUrl: cell.ca.directoryUrl, upMs }, null, 2)}\n`,
    );
  }
  return 0;
}
