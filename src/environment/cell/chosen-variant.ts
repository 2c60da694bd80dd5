import { type Component, componentOfVersion, versionsOf } from '../../components/index.ts';
import { UserError } from '../../user-error.ts';

/**
 * The component that is built instead of the pinned one; null for the pinned version.
 *
 * @throws UserError (2) for a version that Padlock does not build
 */
export function chosenVariant(id: string, wanted: string | undefined): Component | null {
  if (wanted === undefined) return null;
  const found = componentOfVersion(id, `v${wanted.replace(/^v/, '')}`);
  if (found !== undefined) return found.id === id ? null : found;
  throw new UserError(
    `--${id} ${wanted}: a cell runs what Padlock builds, which is ${id} ${versionsOf(id).join(' and ')}. For another version, use --environment kind.`,
  );
}
