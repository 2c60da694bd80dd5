import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { runToEnd } from '../../../run-to-end.ts';

/** A set of Linux namespaces kept alive by one process: when that ends, the kernel ends everything inside. */
export interface NamespaceHolder {
  /** The pid, in this machine's pid namespace, of the first process inside. */
  readonly pid: number;
  readonly process: ChildProcess;
}

/**
 * Makes network, mount, pid, IPC and UTS namespaces (unshare(1)) whose first process is tini, which reaps orphans.
 * They end with this process, even when it is killed: setpriv(1) and `--kill-child` set the parent death signal (prctl(2)).
 *
 * @throws Error if the kernel or the surrounding container does not allow it, with the message of unshare.
 */
export async function holdNamespaces(hostname: string): Promise<NamespaceHolder> {
  const ready = 'ready';
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare'],
      ...['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child=KILL', '--mount-proc'],
      ...['--propagation', 'private', '--', 'tini', '-s', '--', 'sh', '-c'],
      `mount --make-rshared / && hostname "$1" && echo ${ready} && exec sleep infinity`,
      'sh',
      hostname,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const started = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(said.trim() || `unshare ended with status ${code}`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => text.includes(ready) && resolve());
  });
  await started;
  const unsharePid = child.pid;
  if (unsharePid === undefined) throw new Error('unshare has no pid');
  const children = await readFile(`/proc/${unsharePid}/task/${unsharePid}/children`, 'utf8');
  return { pid: Number(children.trim().split(' ')[0]), process: child };
}

/** The command that runs another one inside the namespaces of a holder (nsenter(1)). */
export function insideNamespaces(pid: number, command: readonly string[]): readonly [string, ...string[]] {
  return [
    'nsenter',
    ...['--target', String(pid), '--net', '--mount', '--pid', '--ipc', '--uts', '--wd=/', '--'],
    ...command,
  ];
}

/** Runs a shell script inside namespaces to its end. @throws with what it wrote to stderr. */
export async function runInside(pid: number, script: string, stdin = ''): Promise<string> {
  const [program, ...args] = insideNamespaces(pid, ['sh', '-eu', '-c', script]);
  return runToEnd(program, args, stdin);
}
