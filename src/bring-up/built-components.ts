import { type BuildEvent, buildComponents, type Components } from '../components/index.ts';
import type { ComponentChoice } from '../environment/provider.ts';
import type { RunNarrator } from '../progress/run-narrator.ts';

/**
 * Builds the components that are not in the cache, and reports the progress.
 *
 * @param choice optional components to build, and usual ones to leave out; by default those that most runs need
 */
export async function builtComponents(
  narrator: RunNarrator,
  signal: AbortSignal,
  choice: ComponentChoice = {},
): Promise<Components> {
  narrator.tell({ kind: 'run-phase', phase: 'checking the components' });
  return await buildComponents({ ...choice, signal, onProgress: (event) => tellBuild(narrator, event) });
}

/** Reports an event of a build. A component that is in the cache is no event. */
export function tellBuild({ tell }: RunNarrator, event: BuildEvent): void {
  switch (event.event) {
    case 'cached':
      return;
    case 'waiting':
      tell({ kind: 'build-waiting' });
      return;
    case 'damaged':
      tell({ kind: 'build-damaged', component: event.id, files: [...event.files] });
      return;
    case 'started':
      tell({ kind: 'build-started', component: event.id, expectedMs: event.expectedMs });
      return;
    case 'finished':
      tell({ kind: 'build-ended', component: event.id, durationMs: event.elapsedMs });
      return;
  }
}
