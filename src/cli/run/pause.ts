import { createInterface } from 'node:readline/promises';
import { UserError } from '../../user-error.ts';

/** Waits for the person at the terminal, for one thing at a time. */
export class Pause {
  #last: Promise<void> = Promise.resolve();

  /** @throws UserError (2) where nobody is at a terminal */
  constructor() {
    if (process.stdin.isTTY && process.stderr.isTTY) return;
    throw new UserError('--pause-on-failure needs a terminal to wait at: stdin and stderr must be one.');
  }

  /** Shows some lines and waits for Enter. @throws the signal's reason */
  async until(lines: readonly string[], signal: AbortSignal): Promise<void> {
    const before = this.#last;
    const ended = Promise.withResolvers<void>();
    this.#last = ended.promise;
    await before;
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      await terminal.question(`${lines.join('\n')}\nPress Enter to go on. `, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      terminal.close();
      ended.resolve();
    }
  }
}
