import { BuildProgress, buildComponents } from '../components/index.ts';
import type { CommandContext } from './command-context.ts';

/** `padlock build [COMPONENT…]` */
export async function build(
  ids: readonly string[],
  { force }: { force: boolean },
  { signal }: CommandContext,
): Promise<number> {
  using progress = new BuildProgress();
  const components = await buildComponents({
    ...(ids.length > 0 ? { only: ids } : {}),
    force,
    signal,
    onProgress: progress.show,
  });
  process.stderr.write(`Everything is built: ${components.cache}\n`);
  return 0;
}
