import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { CellProcess } from './cell-process.ts';
import { type ProcessCgroup, processCgroup } from './cgroups.ts';
import { insideNamespaces, type NamespaceHolder } from './namespace-holder.ts';
import { outOfMemoryKills, scarceMemory } from './out-of-memory.ts';
import { type ProcessEnd, tellingLineOfFile } from './process-end.ts';

/** Runs its arguments from the third on, in a cgroup: so everything the program ever uses is accounted there. */
const inCgroup = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"';

/** Starts the processes of a cell inside its namespaces, each with a log file and a cgroup, and says when and how one ends. */
export class ProcessSupervisor {
  readonly #cell: string;
  readonly #logFolder: string;
  readonly #onUnexpectedEnd: (end: ProcessEnd) => void;
  readonly #running = new Set<string>();

  constructor(cell: string, logFolder: string, onUnexpectedEnd: (end: ProcessEnd) => void) {
    this.#cell = cell;
    this.#logFolder = logFolder;
    this.#onUnexpectedEnd = onUnexpectedEnd;
  }

  start(holder: NamespaceHolder, { name, command, environment }: CellProcess): void {
    const log = join(this.#logFolder, `${name}.log`);
    const fd = openSync(log, 'a', 0o600);
    const cgroup = processCgroup(this.#cell, name);
    if (cgroup !== null) mkdirSync(cgroup.folder, { recursive: true });
    const inside = insideNamespaces(holder.pid, command);
    const [program, ...args] =
      cgroup === null ? inside : (['sh', '-c', inCgroup, 'sh', cgroup.folder, ...inside] as const);
    const started = performance.now();
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
    const ended = (how: ProcessEnd['how']) => {
      if (!this.#running.delete(name)) return;
      const said = tellingLineOfFile(log, how.kind === 'exited' && how.status !== 0);
      this.#onUnexpectedEnd({ name, afterMs: performance.now() - started, how, said });
    };
    child.once('error', (error) => ended({ kind: 'not-started', why: error.message }));
    child.once('exit', (code, signal) => ended(howItEnded(code, signal, holder, cgroup)));
  }

  /** From now on, a process that ends is expected to. */
  release(): void {
    this.#running.clear();
  }
}

/** @param signal that of nsenter(1), which ends as the program inside did */
function howItEnded(
  code: number | null,
  signal: NodeJS.Signals | null,
  holder: NamespaceHolder,
  cgroup: ProcessCgroup | null,
): ProcessEnd['how'] {
  if (signal === null) return { kind: 'exited', status: code ?? 0 };
  if (signal === 'SIGKILL') {
    if (cgroup !== null && outOfMemoryKills(cgroup) > 0) return { kind: 'out-of-memory', why: scarceMemory(cgroup) };
    if (!hasProgram(holder.pid)) return { kind: 'namespaces-ended' };
  }
  return { kind: 'killed', signal };
}

/** False from the moment on in which a process ends: it has no program then, although it waits for all others in its namespace. */
function hasProgram(pid: number): boolean {
  try {
    readlinkSync(`/proc/${pid}/exe`);
    return true;
  } catch {
    return false;
  }
}
