import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

interface KeeperStart {
  /** The file of the keeper's program, and its argument. */
  readonly program: string;
  readonly argument: string;
  /** Where it writes what goes wrong. */
  readonly log: string;
  /** Whether it tells on stdout how far it is. */
  readonly tells: boolean;
}

/** Starts a keeper, which ends when its stdin does: with this process, unless {@link detachKeeper} was called. */
export function spawnKeeper({ program, argument, log, tells }: KeeperStart): ChildProcess {
  const file = openSync(log, 'a', 0o600);
  // A session of its own: a Ctrl-C in the terminal is for the command line, which then takes the environment down in order.
  const keeper = spawn(process.execPath, [program, argument], {
    stdio: ['pipe', tells ? 'pipe' : 'ignore', file],
    detached: true,
  });
  closeSync(file);
  keeper.stdin?.on('error', () => {});
  return keeper;
}

/** Lets a keeper, and with it its environment, live on after this process. See keeper-stop.ts for its side. */
export async function detachKeeper(keeper: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => keeper.stdin?.end('detach\n', () => resolve()));
  keeper.stdout?.destroy();
  keeper.unref();
}
