import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FailedEnvironment } from '../../environment/provider.ts';
import { stateRoot } from '../../environment/state-root.ts';
import { messageOf } from '../../error-message.ts';
import { collectDiagnostics } from './collect-diagnostics.ts';

/** Older ones go. Each has the ends of logs and a few objects: some megabytes. */
const mostKept = 5;

/**
 * Keeps diagnostics of an environment that did not start, for a command that writes no report: `failed/<name>-<time>` in the state folder,
 * which has those of the last five failures.
 *
 * @returns the folder
 */
export async function keepDiagnostics(name: string, failed: FailedEnvironment, signal: AbortSignal): Promise<string> {
  const kept = join(stateRoot(), 'failed');
  const time = new Date().toISOString();
  const folder = join(kept, `${name}-${time.replaceAll(':', '-')}`);
  const reason = messageOf(failed.cause);
  await collectDiagnostics({ failed, reason, namespaces: [], folder, signal });
  await removeOld(kept);
  return folder;
}

async function removeOld(kept: string): Promise<void> {
  const time = (folder: string) => folder.slice(-'2026-01-01T00-00-00.000Z'.length);
  const oldestFirst = (await readdir(kept)).toSorted((one, other) => (time(one) < time(other) ? -1 : 1));
  for (const folder of oldestFirst.slice(0, -mostKept)) await rm(join(kept, folder), { recursive: true, force: true });
}
