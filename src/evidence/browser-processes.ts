import { readdir, readFile } from 'node:fs/promises';

/** How long processes may take to end after SIGKILL. Reached only where the kernel cannot finish one. */
const endWithinMs = 10_000;

/** PF_KTHREAD in the flags of /proc/pid/stat (include/linux/sched.h). */
const kernelThreadFlag = 0x0020_0000;

interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Whether its command line or its environment names the browser's home folder. */
  readonly marked: boolean;
  /** The kernel has not laid out its arguments yet: it is in the middle of execve(2), or already exiting. */
  readonly blank: boolean;
}

/**
 * Kills every process of a browser and waits until all of them have ended, for example before its folder is removed.
 *
 * A process group is not enough: Chromium's crash handlers fork twice and call setsid(2), so they belong to neither the
 * group nor the parent that Playwright knows. A process belongs to the browser when its command line or environment
 * names the home folder, when it is in a session of such a process, or when its parent belongs to the browser. Chromium
 * overwrites the environment of its zygotes, but only with its own command line.
 *
 * @param home a folder that only this browser uses; absolute
 * @param launch settles when no further process can be started from here
 * @throws naming the processes that outlived SIGKILL by 10 s
 */
export async function endBrowserProcesses(home: string, launch: Promise<unknown> = Promise.resolve()): Promise<void> {
  let launching = true;
  const launched = () => {
    launching = false;
  };
  launch.then(launched, launched);
  const sessions = new Set<number>();
  let deadline = Date.now() + endWithinMs;
  // Two looks in a row must find nothing: one can miss a process that is forked behind it while its parent ends.
  for (let emptyLooks = 0; emptyLooks < 2; ) {
    const wasLaunching = launching;
    const alive = await browserProcesses(home, sessions);
    for (const pid of alive.pids) kill(pid);
    const isEmpty = alive.pids.length === 0 && !alive.unknown;
    emptyLooks = isEmpty && !wasLaunching ? emptyLooks + 1 : 0;
    if (isEmpty || wasLaunching) deadline = Date.now() + endWithinMs;
    if (Date.now() > deadline) {
      // A process of somebody else that stays blank is no reason to fail.
      if (alive.pids.length === 0) return;
      throw new Error(
        `Processes ${alive.pids.join(', ')} of a browser did not end within ${endWithinMs} ms of SIGKILL.`,
      );
    }
  }
}

/** @param sessions those of the browser, as far as they are known; grows, as a session outlives its leader */
async function browserProcesses(home: string, sessions: Set<number>): Promise<{ pids: number[]; unknown: boolean }> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const seen = (await Promise.all(names.map((name) => look(Number(name), home)))).filter((found) => found !== null);
  const own = seen.find(({ pid }) => pid === process.pid)?.session;
  const found = new Set<number>();
  let before: number;
  do {
    before = found.size + sessions.size;
    for (const { pid, parent, session, marked } of seen) {
      if (!marked && !sessions.has(session) && !found.has(parent)) continue;
      found.add(pid);
      // Not this process's own, where the tools run that make the profile; and 0 stands for one outside the pid namespace.
      if (session !== own && session !== 0) sessions.add(session);
    }
  } while (found.size + sessions.size > before);
  return { pids: [...found], unknown: seen.some(({ blank }) => blank) };
}

/** @returns null for a process that has ended, and for a thread of the kernel */
async function look(pid: number, home: string): Promise<SeenProcess | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name may contain spaces and parentheses; proc(5) numbers its fields from 1.
  const [state = '', parent, , session, , , flags] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if ('ZX'.includes(state) || (Number(flags) & kernelThreadFlag) !== 0) return null;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch((error: NodeJS.ErrnoException) =>
    // Another user's: only the command line tells.
    error.code === 'EACCES' || error.code === 'EPERM' ? 'unreadable' : '',
  );
  return {
    pid,
    parent: Number(parent),
    session: Number(session),
    marked: commandLine.includes(home) || environment.includes(home),
    blank: commandLine === '' && environment === '',
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Ended meanwhile, or Chromium's setuid sandbox helper, which ends with those it serves.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
