import { rm } from 'node:fs/promises';
import { processStartTime } from '../../process-start-time.ts';
import { runToEnd } from '../../run-to-end.ts';
import { cellPaths } from './cell-paths.ts';
import { cellNames } from './cell-record.ts';
import { cellElsewhere, cellsElsewhere } from './cells-elsewhere.ts';
import { cellNetwork } from './node/cell-network.ts';
import { cellsWithCgroups, processesInCellCgroup, removeCellCgroup } from './processes/cgroups.ts';
import { releaseSlot, slotsOf } from './slots.ts';

const endTimeLimitMs = 10_000;

/** Every cell of which something is on this machine, state or cgroups, without those that run with another state folder. */
export async function cellsWithRemains(): Promise<readonly string[]> {
  const elsewhere = new Set((await cellsElsewhere()).map(({ name }) => name));
  const withCgroups = [...(await cellsWithCgroups())].filter((name) => !elsewhere.has(name));
  return [...new Set([...(await cellNames()), ...withCgroups])].sort();
}

/** Waits for processes to end by their pidfd-like trace in /proc. @throws naming those that still live */
async function ended(pids: readonly number[], withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const alive: number[] = [];
    for (const pid of pids) if ((await processStartTime(pid)) !== null) alive.push(pid);
    if (alive.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`processes ${alive.join(', ')} did not end within ${withinMs} ms of SIGKILL`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/**
 * Removes whatever a cell that no longer runs left: processes in its cgroups, the cgroups, its link to this
 * machine, its slot and its state.
 * Namespaces, mounts and routes went with its processes. What a cell that runs with another state folder has taken since, its name
 * or its subnet, stays.
 */
export async function removeRemains(cell: string): Promise<void> {
  if ((await cellElsewhere(cell)) === null) await removeProcesses(cell);
  const slotsElsewhere = new Set((await cellsElsewhere()).map(({ record }) => record?.slot));
  for (const slot of await slotsOf(cell)) {
    // It goes with the node's namespace, but the kernel takes its time: the next cell on this slot must not meet it.
    if (!slotsElsewhere.has(slot))
      await runToEnd('ip', ['link', 'delete', cellNetwork(slot).hostInterface]).catch(() => {});
    await releaseSlot(slot);
  }
  await rm(cellPaths(cell).root, { recursive: true, force: true, maxRetries: 3 });
}

async function removeProcesses(cell: string): Promise<void> {
  const pids = (await processesInCellCgroup(cell)).filter((pid) => pid !== process.pid);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  await ended(pids, endTimeLimitMs);
  await removeCellCgroup(cell);
}
