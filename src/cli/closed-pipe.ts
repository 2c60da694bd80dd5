/** The commands that only print and do nothing else, so that nothing is lost where nobody reads on. */
const listings: ReadonlySet<string> = new Set(['list', 'status', 'kubeconfig', 'logs', 'config']);

interface Output {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/**
 * Lets a command whose reader is gone, as in `padlock list | head`, end without an error. A listing and the help end at once with
 * exit code 0. Every other command finishes: its exit code says how its work went or what its verdict is. Messages that nobody
 * reads on stderr change nothing.
 */
export class ClosedPipe {
  readonly #closed = new AbortController();
  #isListing = true;

  /** @param exit ends the process */
  constructor(stdout: Output, stderr: Output, exit: (code: number) => void = process.exit) {
    stdout.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
      this.#closed.abort();
      if (this.#isListing) exit(0);
    });
    stderr.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }

  /** Aborted when a write to stdout showed that nobody reads it any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** @param command the name of the command that begins */
  begins(command: string): void {
    this.#isListing = listings.has(command);
  }
}
