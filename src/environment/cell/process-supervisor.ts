import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { insideNamespaces, type NamespaceHolder } from './namespace-holder.ts';
import type { CellProcess } from './node-components.ts';

/** The unexpected end of a process of the cell. */
export interface UnexpectedEnd {
  readonly name: string;
  readonly status: string;
  readonly log: string;
}

/** Starts the processes of a cell inside its namespaces, each with a log file, and says when one ends. */
export class ProcessSupervisor {
  readonly #logFolder: string;
  readonly #onUnexpectedEnd: (end: UnexpectedEnd) => void;
  readonly #running = new Set<string>();

  constructor(logFolder: string, onUnexpectedEnd: (end: UnexpectedEnd) => void) {
    this.#logFolder = logFolder;
    this.#onUnexpectedEnd = onUnexpectedEnd;
  }

  start(holder: NamespaceHolder, { name, command, environment }: CellProcess): void {
    const log = join(this.#logFolder, `${name}.log`);
    const fd = openSync(log, 'a', 0o600);
    const [program, ...args] = insideNamespaces(holder.pid, command);
    const child = spawn(program, args, {
      stdio: ['ignore', fd, fd],
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        TZ: 'UTC',
        ...environment,
      },
    });
    closeSync(fd);
    this.#running.add(name);
    const ended = (status: string) => {
      if (this.#running.delete(name)) this.#onUnexpectedEnd({ name, status, log });
    };
    child.once('error', (error) => ended(error.message));
    child.once('exit', (code, signal) => ended(signal ?? `status ${code}`));
  }

  /** From now on, a process that ends is expected to. */
  release(): void {
    this.#running.clear();
  }
}
