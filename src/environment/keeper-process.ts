import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

interface KeeperStart {
  /** The file of the keeper's program, and its argument. */
  readonly program: string;
  readonly argument: string;
  /** The log for its errors. */
  readonly log: string;
  /** Whether it reports its progress on stdout. */
  readonly tells: boolean;
}

/** Starts a keeper, which ends when its stdin does: with this process, unless {@link detachKeeper} was called. */
export function spawnKeeper({ program, argument, log, tells }: KeeperStart): ChildProcess {
  const file = openSync(log, 'a', 0o600);
  // A separate session: Ctrl-C in the terminal goes to the command line only, which then removes the environment in order.
  const keeper = spawn(process.execPath, [program, argument], {
    stdio: ['pipe', tells ? 'pipe' : 'ignore', file],
    detached: true,
  });
  closeSync(file);
  keeper.stdin?.on('error', () => {});
  return keeper;
}

/** Keeps a keeper and its environment running after this process ends. keeper-stop.ts is the keeper's side. */
export async function detachKeeper(keeper: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => keeper.stdin?.end('detach\n', () => resolve()));
  keeper.stdout?.destroy();
  keeper.unref();
}
