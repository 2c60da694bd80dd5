import { existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readRecordFile } from '../record-file.ts';
import { stateRoot } from '../state-root.ts';
import { cellPaths } from './cell-paths.ts';
import { type CellRecord, cellRecordSchema } from './cell-record.ts';
import { cellsWithCgroups, processesInCellCgroup } from './processes/cgroups.ts';

/** A cell whose keeper lives and whose state is in another state folder of this machine. */
export interface CellElsewhere {
  readonly name: string;
  /** The value of XDG_STATE_HOME with which commands manage it. */
  readonly stateHome: string;
  readonly kubeconfig: string;
  /** Null until its keeper has written it. */
  readonly record: CellRecord | null;
}

/** What finds a cell's processes, and reads a process's command line: see proc(5). */
interface Processes {
  processesOf(cell: string): Promise<readonly number[]>;
  commandLineOf(pid: number): Promise<readonly string[]>;
}

const processesOfThisMachine: Processes = {
  processesOf: processesInCellCgroup,
  async commandLineOf(pid) {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.split('\0');
  },
};

/** All cells that run with another state folder. */
export async function cellsElsewhere(): Promise<readonly CellElsewhere[]> {
  const found = await Promise.all([...(await cellsWithCgroups())].map((name) => cellElsewhere(name)));
  return found.filter((cell) => cell !== null);
}

/** The cell of that name that runs with another state folder; null if there is none. A name is taken once on a machine. */
export async function cellElsewhere(
  name: string,
  { processesOf, commandLineOf }: Processes = processesOfThisMachine,
): Promise<CellElsewhere | null> {
  for (const pid of await processesOf(name)) {
    const spec = specOf(await commandLineOf(pid));
    // Without its state nobody can manage it any more: then it is what is left of a cell.
    if (spec === null || !existsSync(spec) || isOwn(spec, name)) continue;
    const root = dirname(spec);
    // <state home>/padlock/cells/<name>
    const stateHome = join(root, '..', '..', '..');
    const record = await readRecordFile(join(root, 'cell.json'), cellRecordSchema);
    return { name, stateHome, kubeconfig: join(root, 'kubeconfig'), record };
  }
  return null;
}

/** The specification that a keeper was started with; null for another process. */
function specOf(commandLine: readonly string[]): string | null {
  const program = commandLine.findIndex((part) => /\/environment\/cell\/keeper\.[tj]s$/.test(part));
  const spec = program < 0 ? undefined : commandLine[program + 1];
  return spec?.endsWith('/spec.json') ? spec : null;
}

function isOwn(spec: string, name: string): boolean {
  const own = cellPaths(name).spec;
  return existsSync(own) && realpathSync(own) === realpathSync(spec);
}

/** How to remove a cell from where its state is, for messages. */
export function whoManages({ name, stateHome }: CellElsewhere): string {
  return `It belongs to the state folder ${join(stateHome, 'padlock')}, not to ${stateRoot()}. 'XDG_STATE_HOME=${stateHome} padlock down ${name}' removes it.`;
}
