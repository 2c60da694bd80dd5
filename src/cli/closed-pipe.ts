/**
 * The commands that finish their work though nobody reads their output any more: they start, remove or write something, and their
 * exit code says how that went. All others only print.
 */
const finishing: ReadonlySet<string> = new Set([
  ...['run', 'matrix', 'up', 'down', 'build', 'images', 'bundle'],
  ...['ca', 'deviate', 'report', 'merge', 'test'],
]);

interface Output {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/**
 * Lets a command whose reader is gone, as in `padlock list | head`, end without an error: at once and with exit code 0 where it
 * only prints, otherwise when its work is done. Messages that nobody reads on stderr change nothing.
 */
export class ClosedPipe {
  #isFinishing = false;

  /** @param exit ends the process */
  constructor(stdout: Output, stderr: Output, exit: (code: number) => void = process.exit) {
    stdout.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
      if (!this.#isFinishing) exit(0);
    });
    stderr.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }

  /** @param command the name of the command that begins */
  begins(command: string): void {
    this.#isFinishing = finishing.has(command);
  }
}
