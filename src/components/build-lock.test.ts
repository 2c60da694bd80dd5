import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withBuildLock } from './build-lock.ts';

let folder: string;
let lock: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-lock-'));
  lock = join(folder, 'build.lock');
  children = [];
});

afterEach(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  await rm(folder, { recursive: true });
});

const forever = new AbortController().signal;
const failOnWaiting = () => {
  throw new Error('there is no other to wait for');
};

/** Another process that holds the lock until its stdin ends or it is killed. */
async function otherHolder(): Promise<ChildProcess> {
  const module = JSON.stringify(join(import.meta.dirname, 'build-lock.ts'));
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { withBuildLock } from ${module};
      await withBuildLock(process.argv[1], new AbortController().signal, () => {}, async () => {
        console.log('held');
        for await (const _ of process.stdin);
      });`,
      folder,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  children.push(child);
  if (child.stdout) await once(child.stdout, 'data');
  return child;
}

test('returns the result of the work, and leaves nothing behind', async () => {
  const result = await withBuildLock(folder, forever, failOnWaiting, async () => {
    expect(await readFile(lock, 'utf8')).toMatch(new RegExp(`^${process.pid} [0-9a-f-]{36}/\\d+$`));
    return 'built';
  });
  expect(result).toBe('built');
  expect(await readdir(folder)).toEqual([]);
});

test('releases the lock when the work fails', async () => {
  const failing = withBuildLock(folder, forever, failOnWaiting, async () => {
    throw new Error('the build failed');
  });
  await expect(failing).rejects.toThrow('the build failed');
  expect(await readdir(folder)).toEqual([]);
});

test('lets only one process work at a time', async () => {
  let working = 0;
  let most = 0;
  const work = async () => {
    working += 1;
    most = Math.max(most, working);
    await readdir(folder);
    working -= 1;
  };
  await Promise.all(Array.from({ length: 5 }, () => withBuildLock(folder, forever, () => {}, work)));
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
}, 30_000);

test('waits for a living process, and reports it once', async () => {
  const child = await otherHolder();
  let waiting = 0;
  let childEnded = false;
  await withBuildLock(
    folder,
    forever,
    () => {
      waiting += 1;
      child.once('exit', () => {
        childEnded = true;
      });
      child.stdin?.end();
    },
    async () => expect((await readFile(lock, 'utf8')).split(' ')[0]).toBe(String(process.pid)),
  );
  if (!childEnded) await once(child, 'exit');
  expect(waiting).toBe(1);
}, 30_000);

test('takes over the lock of a killed process', async () => {
  const child = await otherHolder();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await readFile(lock, 'utf8')).toMatch(new RegExp(`^${child.pid} `));
  expect(await withBuildLock(folder, forever, failOnWaiting, async () => 'built')).toBe('built');
  expect(await readdir(folder)).toEqual([]);
}, 30_000);

test("takes over if another process now has the owner's pid", async () => {
  await writeFile(lock, `${process.pid} 1`);
  expect(await withBuildLock(folder, forever, failOnWaiting, async () => 'built')).toBe('built');
});

test('takes over from a zombie process', async () => {
  // The shell becomes a program that never waits for the shell's child; that one ends with the pipe it reads from.
  const child = spawn('sh', ['-c', 'cat <&3 & echo $!; exec 3<&-; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  });
  children.push(child);
  const [stdin, stdout, , pipe] = child.stdio as unknown as [Writable, Readable, null, Writable];
  const [output] = await once(stdout, 'data');
  const zombie = Number(String(output).trim());
  stdin.write('Are you the program?');
  await once(stdout, 'data');
  const stat = await readFile(`/proc/${zombie}/stat`, 'utf8');
  pipe.end();
  await writeFile(lock, `${zombie} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`);
  expect(
    await withBuildLock(
      folder,
      forever,
      () => {},
      async () => 'built',
    ),
  ).toBe('built');
}, 10_000);

test.each(['', 'no lock of ours'])('takes over a lock that names no process: %o', async (text) => {
  await writeFile(lock, text);
  expect(await withBuildLock(folder, forever, failOnWaiting, async () => 'built')).toBe('built');
});

test('stops waiting when the signal aborts, and leaves the lock to its owner', async () => {
  await otherHolder();
  const held = await readFile(lock, 'utf8');
  const controller = new AbortController();
  const waiting = withBuildLock(
    folder,
    controller.signal,
    () => controller.abort(new Error('interrupted')),
    async () => 'built',
  );
  await expect(waiting).rejects.toThrow('interrupted');
  expect(await readFile(lock, 'utf8')).toBe(held);
}, 30_000);

test('does not start if the signal was already aborted', async () => {
  const started = withBuildLock(
    folder,
    AbortSignal.abort(new Error('interrupted')),
    failOnWaiting,
    async () => 'built',
  );
  await expect(started).rejects.toThrow('interrupted');
  expect(await readdir(folder)).toEqual([]);
});
