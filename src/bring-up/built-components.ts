import {
  type BuildEvent,
  buildComponents,
  type Components,
  cacheFolder,
  type Selection,
  slotsOf,
  unfilledSlots,
} from '../components/index.ts';
import { messageOf } from '../error-message.ts';
import type { RunNarrator } from '../progress/run-narrator.ts';
import { UserError } from '../user-error.ts';

/**
 * Takes the components that the cache lacks from the configured archive, builds the others, and reports the progress.
 *
 * @param choice optional components to build, and usual ones to leave out; by default those that most runs need
 * @throws UserError (2) or (3) for an archive that PADLOCK_ARCHIVE names and that cannot be taken, (3) for a failed build
 */
export async function builtComponents(
  narrator: RunNarrator,
  signal: AbortSignal,
  choice: Selection = {},
): Promise<Components> {
  narrator.tell({ kind: 'run-phase', phase: 'checking the components' });
  await takeConfiguredArchive(narrator, signal, choice);
  return await buildComponents({ ...choice, signal, onProgress: (event) => tellBuild(narrator, event) });
}

async function takeConfiguredArchive(narrator: RunNarrator, signal: AbortSignal, choice: Selection): Promise<void> {
  const cache = cacheFolder();
  const slots = await slotsOf(choice, cache);
  const unfilled = await unfilledSlots(slots);
  if (unfilled.length === 0) return;
  // Loaded only when something is missing: a warm start needs none of it.
  const { configuredArchive, takeArchive } = await import('../archive/index.ts');
  const archive = await configuredArchive();
  if (archive === null) return;
  const say = (phase: string) => narrator.tell({ kind: 'run-phase', phase });
  try {
    const { title, taken, signature } = await takeArchive({
      from: archive.from,
      key: archive.key,
      slots,
      partly: true,
      cache,
      signal,
      onWaiting: () => narrator.tell({ kind: 'build-waiting' }),
      onOpened: (source) => say(`taking components from the archive ${source.title}${sizeWords(source.bytes)}`),
    });
    const proven = signature === 'verified' ? ', whose signature is verified' : '';
    if (taken.length > 0) say(`took ${taken.join(', ')} from the archive ${title}${proven}`);
  } catch (error) {
    // A release may not exist for this version. Never for an archive that was asked for: its owner must know.
    if (archive.by !== 'release' || !(error instanceof UserError)) throw error;
    say(`no archive of this release: ${messageOf(error)} The components are built instead.`);
  }
}

function sizeWords(bytes: number | null): string {
  return bytes === null ? '' : ` (${Math.ceil(bytes / 1e6)} MB)`;
}

/** Reports an event of a build. A component that is in the cache is no event. */
export function tellBuild({ tell }: RunNarrator, event: BuildEvent): void {
  switch (event.event) {
    case 'cached':
      return;
    case 'reading': {
      const size = `${Math.ceil(event.bytes / 1_000_000)} MB`;
      tell({ kind: 'run-phase', phase: `checking ${event.id} in the cache, which was copied or touched (${size})` });
      return;
    }
    case 'waiting':
      tell({ kind: 'build-waiting' });
      return;
    case 'installing':
      tell({ kind: 'run-phase', phase: `installing ${event.what}` });
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
