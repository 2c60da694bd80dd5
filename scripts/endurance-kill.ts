import { setTimeout as delay } from 'node:timers/promises';
import type { Kill } from './endurance-report.ts';
import { type EndedCommand, WatchedCommand } from './watched-command.ts';

/** What is run and killed. */
export const killedRun = ['http01-ingress', '--skip', 'browser'] as const;

interface KillRequest {
  readonly report: string;
  /** From 0 to below 1: when, of the span, and which of the processes by their names. */
  readonly when: number;
  readonly which: number;
  readonly spanMs: number;
}

/** Starts a run, kills one process of Padlock or of its cell at a moment, waits for its end, and takes everything down. */
export async function killOnce({ report, when, which, spanMs }: KillRequest): Promise<Kill> {
  const command = new WatchedCommand(['run', ...killedRun, '--report', report]);
  await Promise.race([delay(when * spanMs), command.ended]);
  const processes = await command.processes();
  // By name first: there are many shims and pauses, and one etcd.
  const names = [...new Set(processes.map(({ name }) => name))].toSorted();
  const name = names[Math.floor(which * names.length)];
  const victim = processes.find((one) => one.name === name);
  const during = command.lastLine;
  const afterMs = performance.now() - command.started;
  const label = victim?.name ?? null;
  if (victim !== undefined) kill(victim.pid);
  const killedAt = performance.now();
  const ended = await command.ended;
  const endedMs = performance.now() - killedAt;
  const down = new WatchedCommand(['down', '--all']);
  const { exitCode, stderr } = await down.ended;
  const downMs = performance.now() - down.started;
  const left = [...(await command.left()), ...(exitCode === 0 ? [] : [`down --all: ${stderr.trim()}`])];
  return {
    ...{ afterMs, victim: label, during, exitCode: ended.exitCode, left, endedMs, downMs },
    ...outcomeOf(label, ended),
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself in between.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** What the kernel cuts (proc_pid_comm(5)), as a cell calls it. */
const titles: Readonly<Record<string, string>> = {
  'kube-controller': 'kube-controller-manager',
  // What holds namespaces: with it, everything inside ends.
  sleep: 'whose first process ended',
  tini: 'whose first process ended',
};

/** How a command took the loss of a process. */
export function outcomeOf(victim: string | null, { exitCode, stderr }: Pick<EndedCommand, 'exitCode' | 'stderr'>) {
  if (exitCode === 0) return { outcome: 'survived', said: null } as const;
  if (victim === 'padlock') return { outcome: 'killed', said: null } as const;
  const lines = stderr.trim().split('\n');
  const said = lines.findLast((line) => /killed|SIGKILL|ended|failed|not start/.test(line)) ?? lines.at(-1) ?? null;
  const isNamed = victim !== null && said !== null && (said.includes(victim) || said.includes(titles[victim] ?? '\0'));
  return { outcome: isNamed ? 'named' : 'told', said } as const;
}
