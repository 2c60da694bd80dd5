import { watch } from 'node:fs';
import { UserError } from '../../user-error.ts';
import { cellPaths } from './cell-paths.ts';
import { keeperLives, readCellRecord } from './cell-record.ts';

/** Nothing announces the end of a process that is not a child, so it is looked for this often. */
const lookEveryMs = 1_000;

/**
 * Watches a cell whose keeper another command started: its keeper writes a failure to the cell's record, and may itself end.
 * Does not keep this process alive.
 */
export class RecordWatch implements Disposable {
  readonly #name: string;
  readonly #lost = new AbortController();
  readonly #stop: () => void;

  constructor(name: string) {
    this.#name = name;
    const watcher = watch(cellPaths(name).root, { persistent: false }, () => void this.#look());
    // The folder goes with the cell.
    watcher.on('error', () => {});
    const timer = setInterval(() => void this.#look(), lookEveryMs).unref();
    this.#stop = () => {
      watcher.close();
      clearInterval(timer);
    };
    void this.#look();
  }

  /** Aborts when the cell fails or its keeper ends; the reason is a sentence. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async #look(): Promise<void> {
    const record = await readCellRecord(this.#name);
    if (this.lost.aborted) return;
    const why =
      record === null
        ? 'it was removed'
        : (record.failure ?? ((await keeperLives(record)) ? null : 'its keeper ended, and the cell with it'));
    if (why === null || this.lost.aborted) return;
    this.#lost.abort(new UserError(`The cell '${this.#name}' failed: ${why}.`, { exitCode: 3 }));
    this.#stop();
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
