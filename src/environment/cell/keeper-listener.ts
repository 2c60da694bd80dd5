import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { UserError } from '../../user-error.ts';
import type { EnvironmentEnd } from '../environment.ts';
import { cellPaths } from './cell-paths.ts';
import { type KeeperEvent, keeperEventSchema } from './keeper-protocol.ts';
import { processCgroup } from './processes/cgroups.ts';
import { fullDiskNote } from './processes/full-disk-note.ts';
import { outOfMemoryKills, scarceMemory } from './processes/out-of-memory.ts';
import { tellingLineOfFile } from './processes/process-end.ts';

interface Listened {
  /** The name of the cell. */
  readonly name: string;
  /** The file that the keeper's errors go to. */
  readonly log: string;
  onPhase(phase: string, sinceStartMs: number): void;
  /** The prepared state cannot be used, in one sentence. */
  onStateRefused(message: string): void;
}

/** Hears what the keeper of a cell says, from its start to its end. */
export class KeeperListener {
  /** Resolves when the API server is ready. @throws UserError (3) if the cell fails before */
  readonly ready: Promise<void>;
  readonly #listened: Listened;
  readonly #ready = Promise.withResolvers<void>();
  readonly #lost = new AbortController();
  #isReady = false;
  #endIsExpected = false;
  #end: EnvironmentEnd | null = null;

  constructor(keeper: ChildProcess, listened: Listened) {
    this.#listened = listened;
    this.ready = this.#ready.promise;
    // Whoever does not wait for it any more hears of the loss.
    this.ready.catch(() => {});
    const { stdout } = keeper;
    if (!stdout) throw new Error('the keeper has no stdout');
    const exited = once(keeper, 'exit');
    exited.catch((error: Error) => this.#fail(`its keeper could not be started (${error.message})`));
    const lines = createInterface({ input: stdout });
    lines.on('line', (line) => this.#hear(keeperEventSchema.parse(JSON.parse(line))));
    lines.on('close', () => {
      void exited.then(
        ([code, signal]) => this.#fail(whyKeeperEnded(listened, code, signal)),
        () => {},
      );
    });
  }

  /** Aborts when the cell fails, before it is ready or later; the reason is a sentence. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** How the cell ended; null until it has, or if its keeper did not live to tell. */
  get end(): EnvironmentEnd | null {
    return this.#end;
  }

  /** From now on, the keeper may end, and what it says counts no more. */
  expectEnd(): void {
    this.#endIsExpected = true;
  }

  #hear(event: KeeperEvent): void {
    switch (event.event) {
      case 'phase':
        this.#listened.onPhase(event.phase, event.sinceStartMs);
        return;
      case 'state-refused':
        this.#listened.onStateRefused(event.message);
        return;
      case 'ready':
        this.#isReady = true;
        this.#ready.resolve();
        return;
      case 'failed':
        this.#fail(event.message);
        return;
      case 'gone':
        this.#end = { downMs: event.downMs, peakMemoryBytes: event.peakMemoryBytes };
        return;
    }
  }

  #fail(why: string): void {
    if (this.#endIsExpected || this.lost.aborted) return;
    const { name } = this.#listened;
    const what = this.#isReady ? `The cell '${name}' failed` : 'The cell did not start';
    const error = new UserError(`${what}: ${withoutFullStop(why)}.`, { exitCode: 3 });
    this.#lost.abort(error);
    this.#ready.reject(error);
  }
}

/** Why a keeper ended that nobody asked to, e.g. `its keeper was killed (SIGKILL)`. */
export function whyKeeperEnded(
  { name, log }: Pick<Listened, 'name' | 'log'>,
  code: number | null,
  signal: string | null,
): string {
  const scarce = signal === 'SIGKILL' ? keeperOutOfMemory(name) : null;
  if (scarce !== null) return `its keeper was killed (out of memory: ${scarce})`;
  if (signal !== null) return `its keeper was killed (${signal})`;
  const said = tellingLineOfFile(log, true);
  return `its keeper ended with status ${code}${said === null ? '' : ` (${said})`}${fullDiskNote(cellPaths(name).root)}`;
}

/** The memory that was scarce when the kernel killed the keeper of a cell because memory ran out; null if it did not. */
export function keeperOutOfMemory(name: string): string | null {
  const cgroup = processCgroup(name, 'keeper');
  return cgroup !== null && outOfMemoryKills(cgroup) > 0 ? scarceMemory(cgroup) : null;
}

function withoutFullStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
