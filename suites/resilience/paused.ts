import type { ScenarioContext } from '../../src/suite/context/context.ts';

/** Pauses a process of the node. @returns what lets it go on @throws Error if there is none */
export async function paused({ parts }: ScenarioContext, name: string): Promise<() => Promise<void>> {
  const resume = await parts.environment.pauseNodeProcess?.(name);
  if (resume === undefined) throw new Error('the processes of the node are elsewhere');
  return async () => resume();
}
