import type { CommandContext } from './command-context.ts';
import { bringUp, builtComponents, howToReach, requireMachine } from './environment-session.ts';
import { RunNarrator } from './run-narrator.ts';

interface UpOptions {
  readonly name: string;
  readonly subnet?: number;
  readonly json: boolean;
  readonly jsonLines?: string;
}

/** `padlock up` */
export async function up({ name, subnet, json, jsonLines }: UpOptions, { signal }: CommandContext): Promise<number> {
  using narrator = RunNarrator.open({ command: 'up', json, jsonLines, signal });
  narrator.tell({ kind: 'run-phase', phase: 'checking this machine' });
  await requireMachine();
  const components = await builtComponents(narrator, signal);
  const started = performance.now();
  const cell = await bringUp({ name, components, subnet, narrator, signal });
  const upMs = Math.round(performance.now() - started);
  await cell.detach();
  narrator.end('ready');
  process.stderr.write(`Up in ${(upMs / 1000).toFixed(1)} s. ${howToReach(cell)}`);
  if (json) {
    const { kubeconfig, network } = cell;
    process.stdout.write(
      `${JSON.stringify({ name, kubeconfig, subnet: network.subnet, directoryUrl: cell.ca.directoryUrl, upMs }, null, 2)}\n`,
    );
  }
  return 0;
}
