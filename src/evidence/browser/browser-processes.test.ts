import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processStartTime } from '../../process-start-time.ts';
import { runToEnd } from '../../run-to-end.ts';
import { endBrowserProcesses } from './browser-processes.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'padlock-processes-test-'));
});
afterEach(() => rm(home, { recursive: true }));

/** Starts a shell as Playwright starts a browser, in a session of its own, and gives the pids that it prints. */
async function startShell(script: string, pids: number): Promise<{ shell: ChildProcess; printed: number[] }> {
  const shell = spawn('sh', ['-c', script], {
    env: { PATH: process.env.PATH, HOME: home },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed: number[] = [];
  for await (const line of createInterface({ input: shell.stdout })) {
    printed.push(Number(line));
    if (printed.length === pids) break;
  }
  return { shell, printed };
}

const alive = async (pids: readonly number[]) => {
  const times = await Promise.all(pids.map(processStartTime));
  return pids.filter((_, index) => times[index] !== null);
};

test.each([
  ['in its process group', 'sleep 600 & echo $!; wait'],
  ['with an environment of its own', 'env -i sleep 600 & echo $!; wait'],
  ['in a session of its own', `env -i setsid sh -c 'echo $$; exec sleep 600' & wait`],
  ['forked twice into a session of its own', `setsid sh -c 'sleep 600 & echo $!' & wait; sleep 600`],
  ['left by a browser that has ended', 'setsid sleep 600 & echo $!'],
])('ends a process %s', async (_, script) => {
  const { shell, printed } = await startShell(script, 1);
  expect(await alive(printed)).toEqual(printed);
  await endBrowserProcesses(home);
  expect(await alive([...printed, shell.pid ?? 0])).toEqual([]);
});

test('ends what is started while it looks', async () => {
  // A duration that no other process sleeps for.
  const duration = `6${process.pid}`;
  const { shell } = await startShell(`while :; do (setsid sleep ${duration} &); done & echo $!; wait`, 1);
  await endBrowserProcesses(home);
  expect(await alive([shell.pid ?? 0])).toEqual([]);
  expect(await runToEnd('sh', ['-c', 'pgrep -f "^sleep $1" || :', 'sh', duration])).toBe('');
});

test('ends what a launch that is still going on starts', async () => {
  const launch = Promise.withResolvers<void>();
  const ended = endBrowserProcesses(home, launch.promise);
  const { shell } = await startShell('echo $$; exec sleep 600', 1);
  const exited = once(shell, 'exit');
  expect(await exited).toEqual([null, 'SIGKILL']);
  launch.reject(new Error('the browser ended'));
  await ended;
});

test("leaves a process of this process's own session alone, also beside one that names the folder", async () => {
  const bystander = spawn('sleep', ['600']);
  const named = spawn('sh', ['-c', 'exec sleep 600'], { env: { PATH: process.env.PATH, HOME: home } });
  const exited = once(named, 'exit');
  await endBrowserProcesses(home);
  await exited;
  expect(await alive([bystander.pid ?? 0])).toEqual([bystander.pid]);
  bystander.kill();
});
