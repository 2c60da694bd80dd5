import {
  bringUp,
  bringUpKind,
  builtComponents,
  howToReach,
  howToReachKind,
  type KindOptions,
  requireMachine,
  versionsOf,
} from '../../bring-up/environment-session.ts';
import { choosePlatform } from '../../platform/platform-versions.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import type { CommandContext } from '../command-context.ts';

interface UpOptions extends KindOptions {
  readonly environment: 'cell' | 'kind';
  readonly name: string;
  readonly subnet?: number;
  readonly json: boolean;
  readonly jsonLines?: string;
}

/** `padlock up` */
export async function up(options: UpOptions, { signal }: CommandContext): Promise<number> {
  const { name, environment: kind, subnet, json, jsonLines } = options;
  const chosen = await choosePlatform(versionsOf(kind, options), signal);
  using narrator = RunNarrator.open({ command: 'up', json, jsonLines, signal });
  if (kind === 'cell') {
    narrator.tell({ kind: 'run-phase', phase: 'checking this machine' });
    await requireMachine();
  }
  const components = await builtComponents(narrator, signal);
  const started = performance.now();
  const request = { name, components, chosen, narrator, signal };
  const cell = kind === 'cell' ? await bringUp({ ...request, subnet }) : null;
  const environment = cell ?? (await bringUpKind({ ...request, options, outlives: true }));
  const upMs = Math.round(performance.now() - started);
  await environment.detach();
  narrator.end('ready');
  const reach = cell === null ? howToReachKind(environment) : howToReach(cell);
  process.stderr.write(`Up in ${(upMs / 1000).toFixed(1)} s. ${reach}`);
  if (json) {
    const { kubeconfig, ca } = environment;
    process.stdout.write(
      `${JSON.stringify({ name, kubeconfig, ...(cell === null ? {} : { subnet: cell.network.subnet }), directoryUrl: ca.directoryUrl, upMs }, null, 2)}\n`,
    );
  }
  return 0;
}
