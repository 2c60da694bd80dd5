import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** How long processes may take to end after SIGKILL. Reached only where the kernel cannot finish one. */
const endWithinMs = 10_000;
/** The time limit for a process whose command line is still empty. */
const blankWithinMs = 2_000;
/** The polling interval. Only a parent is notified when a process ends, so there is nothing to watch. */
const pauseMs = 5;

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
export async function endBrowserProcesses(home: string, launch?: Promise<unknown>): Promise<void> {
  let launching = launch !== undefined;
  const launched = () => {
    launching = false;
  };
  launch?.then(launched, launched);
  const sessions = new Set<number>();
  let started = performance.now();
  let blankBefore: readonly number[] = [];
  // Two looks in a row must find nothing: one can miss a process that is forked behind it while its parent ends.
  for (let emptyLooks = 0; emptyLooks < 2; ) {
    const { pids, blank } = browserProcesses(home, sessions);
    for (const pid of pids) kill(pid);
    if (launching) started = performance.now();
    const elapsed = performance.now() - started;
    // Most blank processes are somebody else's and blank for a moment, so only one that stays so is waited for.
    const undecided = elapsed < blankWithinMs && blank.some((pid) => blankBefore.includes(pid));
    emptyLooks = pids.length === 0 && !undecided && !launching ? emptyLooks + 1 : 0;
    blankBefore = blank;
    if (pids.length > 0 && elapsed > endWithinMs) {
      throw new Error(`Processes ${pids.join(', ')} of a browser did not end within ${endWithinMs} ms of SIGKILL.`);
    }
    if (emptyLooks < 2) await pause(pauseMs);
  }
}

/** @param sessions those of the browser, as far as they are known; grows, as a session outlives its leader */
function browserProcesses(home: string, sessions: Set<number>): { pids: number[]; blank: number[] } {
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const seen = names.map((name) => look(Number(name), home)).filter((found) => found !== null);
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
  return { pids: [...found], blank: seen.filter(({ blank }) => blank).map(({ pid }) => pid) };
}

/** @returns null for a process that has ended, and for a thread of the kernel */
function look(pid: number, home: string): SeenProcess | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === '') return null;
  // The name may contain spaces and parentheses; proc(5) numbers its fields from 1.
  const [state = '', parent, , session, , , flags] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if ('ZX'.includes(state) || (Number(flags) & kernelThreadFlag) !== 0) return null;
  const commandLine = read(`/proc/${pid}/cmdline`);
  const environment = read(`/proc/${pid}/environ`);
  return {
    pid,
    parent: Number(parent),
    session: Number(session),
    marked: commandLine.includes(home) || environment.includes(home),
    blank: commandLine === '' && environment === '',
  };
}

/** A file of /proc, or nothing if the process has ended or belongs to another user. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
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
