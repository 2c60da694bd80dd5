import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExamName, type ExamStep, examStepSchema } from './guest/exam-step.ts';
import { memoryFolder, memoryMib } from './why-no-uml.ts';

/** A machine that can be booted. */
export interface Machine {
  readonly kernel: string;
  /** Read only, as is the disk on /srv: what the machine writes goes to files of its own. */
  readonly rootImage: string;
  readonly disk: string;
  /** A folder for the files of all boots of this machine, which find the disks as the last one left them. */
  readonly folder: string;
}

interface Boot {
  readonly exam: ExamName;
  /** Default: what this machine can give. */
  readonly memoryMib?: number;
  readonly cpus?: 1 | 2;
}

/** A booted machine that sits its exam. */
export interface BootedMachine {
  /** Resolves when the machine has written a step of its exam. @throws when it ended, or the limit passed, before */
  step(id: string, withinMs: number): Promise<ExamStep>;
  /** Resolves when the exam is over and the machine off. @throws Error with the console's last lines after the limit */
  off(withinMs: number): Promise<readonly ExamStep[]>;
  /** What the machine has written so far. */
  steps(): readonly ExamStep[];
  /** Takes its power: every process of it is killed at once. What it had not written to its disks is lost. */
  cutPower(): Promise<void>;
}

/** The folder that the machine sees as /host. */
function shared(machine: Machine): string {
  return join(machine.folder, 'host');
}

function stepsOf(file: string): readonly ExamStep[] {
  if (!existsSync(file)) return [];
  // The last line may be half written.
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => examStepSchema.parse(JSON.parse(line)));
}

/**
 * Boots the machine to sit one exam of guest/exams.ts, and to switch itself off. No network: the machine has only lo.
 *
 * Its processes are in a pid namespace, so that none outlives it.
 */
export function boot(machine: Machine, { exam, memoryMib: memory = memoryMib(), cpus = 2 }: Boot): BootedMachine {
  const host = shared(machine);
  mkdirSync(host, { recursive: true });
  const results = join(host, `${exam}.jsonl`);
  writeFileSync(join(host, 'exam'), exam);
  writeFileSync(join(host, 'start'), '. /srv/padlock/e2e/uml/guest/start.sh\n');
  const console = join(machine.folder, `${exam}.console.log`);
  const output = openSync(console, 'w');
  const child = spawn(
    'unshare',
    [
      ...['--pid', '--fork', '--kill-child=KILL', '--mount-proc', machine.kernel],
      ...[`mem=${memory}M`, `ncpus=${cpus}`, 'seccomp=auto', `hostfs=${host}`],
      ...[`ubd0=${join(machine.folder, 'root.cow')},${machine.rootImage}`],
      ...[`ubd1=${join(machine.folder, 'srv.cow')},${machine.disk}`],
      ...['root=/dev/ubda', 'rw', 'con0=null,fd:1', 'con=null', 'apparmor=1', 'systemd.show_status=false', 'quiet'],
      // User-mode Linux 7.2 unmaps the rings of io_uring wrongly and panics; Node would use them.
      'sysctl.kernel.io_uring_disabled=2',
    ],
    // The memory of the machine is a file in TMPDIR.
    { stdio: ['ignore', output, output], env: { ...process.env, TMPDIR: memoryFolder } },
  );
  const ended = once(child, 'exit');
  const failed = (what: string): Error => {
    const steps = stepsOf(results).map(({ id }) => id);
    const lines = readFileSync(console, 'utf8').trimEnd().split('\n').slice(-25).join('\n');
    return new Error(`${what}. Steps until then: ${steps.join(', ')}. The last lines of ${console}:\n${lines}`);
  };
  const within = async <Result>(what: string, limitMs: number, wait: Promise<Result>): Promise<Result> => {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(failed(`${what} did not happen within ${limitMs / 1000} s`)), limitMs);
    try {
      return await Promise.race([wait, promise]);
    } catch (error) {
      await cutPower(child, ended);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    step: (id, withinMs) => within(`the step '${id}'`, withinMs, written(results, id, ended, failed)),
    async off(withinMs) {
      await within('the end of the exam', withinMs, ended);
      const steps = stepsOf(results);
      if (steps.at(-1)?.id !== 'end') throw failed('The machine went off before the end of its exam');
      return steps;
    },
    steps: () => stepsOf(results),
    cutPower: () => cutPower(child, ended),
  };
}

async function written(
  results: string,
  id: string,
  ended: Promise<unknown>,
  failed: (what: string) => Error,
): Promise<ExamStep> {
  const find = () => stepsOf(results).find((step) => step.id === id);
  const { promise, resolve, reject } = Promise.withResolvers<ExamStep>();
  const look = () => {
    const found = find();
    if (found !== undefined) resolve(found);
  };
  const watcher = watch(join(results, '..'), look);
  try {
    look();
    void ended.then(() => {
      look();
      reject(failed(`The machine went off before the step '${id}'`));
    });
    return await promise;
  } finally {
    watcher.close();
  }
}

async function cutPower(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // unshare is killed, and with it the first process of the pid namespace; the kernel kills the rest.
  child.kill('SIGKILL');
  await ended;
}

/** Removes what the machine wrote to its disks. The lines of its exams and its consoles stay. */
export function removeDisks({ folder }: Machine): void {
  for (const disk of ['root.cow', 'srv.cow']) rmSync(join(folder, disk), { force: true });
}
