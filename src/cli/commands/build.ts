import { tellBuild } from '../../bring-up/built-components.ts';
import { buildComponents } from '../../components/index.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import type { CommandContext } from './command-context.ts';

interface BuildCommandOptions {
  readonly force: boolean;
  readonly jsonLines?: string;
}

/** `padlock build [COMPONENT…]` */
export async function build(
  ids: readonly string[],
  { force, jsonLines }: BuildCommandOptions,
  { signal }: CommandContext,
): Promise<number> {
  using narrator = RunNarrator.open({ command: 'build', jsonLines, signal });
  narrator.tell({ kind: 'run-phase', phase: 'checking the components' });
  const components = await buildComponents({
    ...(ids.length > 0 ? { only: ids } : {}),
    force,
    signal,
    onProgress: (event) => tellBuild(narrator, event),
  });
  narrator.end('ready');
  process.stderr.write(`All components are built in ${components.cache}.\n`);
  return 0;
}
