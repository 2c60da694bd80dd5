import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { pauseBelow } from './pause-below.ts';

test('a process below is paused, and goes on', async () => {
  const child = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  onTestFinished(() => {
    process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');
  });
  const state = async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.[0];
  // The shell tells the number of a process before that runs its program.
  await expect.poll(() => readFile(`/proc/${pid}/comm`, 'utf8')).toBe('sleep\n');
  const resume = await pauseBelow(child.pid ?? null, 'sleep');
  await expect.poll(state).toBe('T');
  resume();
  await expect.poll(state).toBe('S');
});

test('a name that no process below has is an error, and none of another root is touched', async () => {
  await expect(pauseBelow(process.pid, 'no-such-program')).rejects.toThrow('there is no process no-such-program below');
  await expect(pauseBelow(null, 'etcd')).rejects.toThrow('there is no process etcd');
});
