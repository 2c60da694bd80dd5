import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../src/components/index.ts';
import { cgroupHierarchies } from '../src/environment/cell/processes/cgroups.ts';
import { stateRoot } from '../src/environment/state-root.ts';

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

/**
 * Processes whose program or script is a part of a cell. A zombie has neither: it has ended. A component that is neither in a
 * cell's control group nor in a network namespace of its own is somebody else's, as the Pebble of a unit test.
 */
function processesOfCells(): string[] {
  const components = join(cacheFolder(), 'components');
  const ownNamespace = readlinkSync('/proc/self/ns/net');
  return pids().flatMap((pid) => {
    try {
      const program = readlinkSync(`/proc/${pid}/exe`);
      const [, script = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const isInside =
        readlinkSync(`/proc/${pid}/ns/net`) !== ownNamespace ||
        readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(':/padlock-');
      const isOfACell = (program.startsWith(components) && isInside) || /\/(keeper|probe-agent)\.ts$/.test(script);
      return isOfACell ? [`${pid} ${program} ${script}`] : [];
    } catch {
      return [];
    }
  });
}

function pids(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

/** The network namespaces that processes live in, other than this one's. */
function foreignNamespaces(): string[] {
  const links = (pid: string) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/net`);
    } catch {
      return null;
    }
  };
  const own = links('self');
  return [...new Set(pids().map(links))].filter((namespace) => namespace !== null && namespace !== own).map(String);
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

/** What is on the machine now that was not before. */
export function leftSince(before: MachineState): MachineState {
  const now = lookAtMachine();
  const kinds = Object.keys(nothing) as (keyof MachineState)[];
  return Object.fromEntries(
    kinds.map((kind) => [kind, now[kind].filter((line) => !before[kind].includes(line))]),
  ) as unknown as MachineState;
}
