import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { tellingLine } from '../../../telling-line.ts';

/** How a process of a cell ended. */
export interface ProcessEnd {
  readonly name: string;
  /** Since its start. */
  readonly afterMs: number;
  readonly how:
    | { readonly kind: 'exited'; readonly status: number }
    | { readonly kind: 'killed'; readonly signal: string }
    /** @param why the memory that was scarce, e.g. `the whole machine has 1.9 GiB` */
    | { readonly kind: 'out-of-memory'; readonly why: string }
    /** The first process of its namespaces ended, and the kernel killed all others in them. */
    | { readonly kind: 'namespaces-ended' }
    | { readonly kind: 'not-started'; readonly why: string };
  /** The line of its log that says most; null if it wrote none. */
  readonly said: string | null;
}

/** One sentence without its full stop, e.g. `kube-apiserver was killed (out of memory: …) 43 s after its start`. */
export function describeProcessEnd({ name, afterMs, how, said }: ProcessEnd): string {
  const after = `${seconds(afterMs)} after its start`;
  const log = said === null ? ', and its log is empty' : `; its log ends: ${said}`;
  switch (how.kind) {
    case 'exited':
      return `${name} ended with status ${how.status} ${after}${log}`;
    case 'killed':
      return `${name} was killed (${how.signal}) ${after}${log}`;
    case 'out-of-memory':
      return `${name} was killed (out of memory: ${how.why}) ${after}${log}`;
    case 'namespaces-ended':
      return `${name} was killed with all processes of its namespaces, whose first process ended, ${after}`;
    case 'not-started':
      return `${name} could not be started (${how.why})`;
  }
}

/** A time for people: tenths of a second below ten seconds. */
function seconds(ms: number): string {
  return ms < 9_950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

const readBytes = 64 * 1024;
/** The line of a log file that says why its process ended, see {@link tellingLine}. Null also if the file cannot be read. */
export function tellingLineOfFile(logFile: string, endedByItself: boolean): string | null {
  return tellingLine(endOf(logFile).split('\n'), endedByItself);
}

/** Synchronous: what ended first must be told first. */
function endOf(file: string): string {
  try {
    const fd = openSync(file, 'r');
    try {
      const { size } = fstatSync(fd);
      const bytes = Buffer.alloc(Math.min(size, readBytes));
      readSync(fd, bytes, 0, bytes.length, size - bytes.length);
      return bytes.toString('utf8');
    } finally {
      closeSync(fd);
    }
  } catch {
    return '';
  }
}
