import { getSystemErrorMessage } from 'node:util';

/** The commands that only print and do nothing else, so that nothing is lost where nobody reads on. */
const listings: ReadonlySet<string> = new Set(['list', 'status', 'kubeconfig', 'logs', 'config']);

interface Output {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

interface ErrorOutput extends Output {
  write(text: string): unknown;
}

/**
 * Lets a command whose reader is gone, as in `padlock list | head`, end without an error. A listing and the help end at once with
 * exit code 0. Every other command finishes: its exit code says how its work went or what its verdict is. Messages that nobody
 * reads on stderr change nothing.
 *
 * Where stdout cannot be written for another reason, such as a full disk, one sentence on stderr says so. A listing ends at once
 * and every other command finishes, both with exit code 3.
 */
export class ClosedPipe {
  readonly #closed = new AbortController();
  #isListing = true;
  #isUnwritable = false;

  /** @param exit ends the process */
  constructor(stdout: Output, stderr: ErrorOutput, exit: (code: number) => void = process.exit) {
    stdout.on('error', (error) => {
      this.#closed.abort();
      if (error.code !== 'EPIPE' && !this.#isUnwritable) {
        this.#isUnwritable = true;
        stderr.write(`Cannot write to stdout: ${reasonOf(error)}.\n`);
      }
      if (this.#isListing) exit(this.#isUnwritable ? 3 : 0);
    });
    stderr.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }

  /** Whether a write to stdout failed although somebody may read it: then what the command printed is lost. */
  get isUnwritable(): boolean {
    return this.#isUnwritable;
  }

  /** Aborted when a write to stdout failed, usually because nobody reads it any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** @param command the name of the command that begins */
  begins(command: string): void {
    this.#isListing = listings.has(command);
  }
}

function reasonOf({ code, errno, message }: NodeJS.ErrnoException): string {
  return code === undefined || errno === undefined ? message : `${getSystemErrorMessage(errno)} (${code})`;
}
