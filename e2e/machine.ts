import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { stateRoot } from '../src/environment/cell/cell-paths.ts';
import { cgroupHierarchies } from '../src/environment/cell/cgroups.ts';

/** What a cell could leave behind on this machine, as one list of lines each. */
export interface MachineState {
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly cgroups: readonly string[];
  readonly interfaces: readonly string[];
  readonly routes: readonly string[];
  readonly namespaces: readonly string[];
  readonly state: readonly string[];
}

function processesOfCells(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      // A zombie has no command line: it has ended and waits for its parent to take note.
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const isOfACell =
        command.includes(stateRoot()) ||
        command.includes('/components/') ||
        command.includes('keeper.ts') ||
        command.includes('probe-agent.ts');
      return isOfACell && !command.includes('vitest') ? [`${pid} ${command.slice(0, 120)}`] : [];
    } catch {
      return [];
    }
  });
}

/** The network namespaces that processes live in, other than this one's. */
function foreignNamespaces(): string[] {
  const links = (pid: string) => {
    try {
      return execFileSync('readlink', [`/proc/${pid}/ns/net`], { encoding: 'utf8' }).trim();
    } catch {
      return null;
    }
  };
  const own = links('self');
  const seen = new Set(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(links),
  );
  return [...seen].filter((namespace) => namespace !== null && namespace !== own).map(String);
}

function below(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Looks at the machine now. */
export function lookAtMachine(): MachineState {
  const lines = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: 'utf8' }).split('\n').filter(Boolean);
  return {
    processes: processesOfCells(),
    mounts: readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes('padlock') || line.includes(join(homedir(), '.local'))),
    cgroups: cgroupHierarchies().flatMap(({ path }) =>
      below(path)
        .filter((name) => name.startsWith('padlock-'))
        .map((name) => join(path, name)),
    ),
    interfaces: lines('ip', '-oneline', 'link', 'show')
      .map((line) => line.split(':')[1]?.trim() ?? '')
      .filter((name) => name.startsWith('plk')),
    routes: lines('ip', 'route', 'show').filter((line) => line.includes('10.231.')),
    namespaces: foreignNamespaces(),
    state: [...below(join(stateRoot(), 'cells')), ...below(join(stateRoot(), 'slots'))],
  };
}

export const nothing: MachineState = {
  processes: [],
  mounts: [],
  cgroups: [],
  interfaces: [],
  routes: [],
  namespaces: [],
  state: [],
};
