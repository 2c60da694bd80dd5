import type { SpawnOptions } from 'node:child_process';
import type { OutsideStreams } from './environment.ts';

/** How a program outside is started, by where its streams go. */
export function spawnOptions(streams: OutsideStreams = 'pipes'): SpawnOptions {
  switch (streams) {
    case 'pipes':
      return { stdio: ['pipe', 'pipe', 'inherit'] };
    case 'terminal':
      return { stdio: 'inherit' };
    case 'none':
      // Out of reach of the terminal's signals.
      return { stdio: 'ignore', detached: true };
  }
}
