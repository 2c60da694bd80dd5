import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ClosedPipe } from './closed-pipe.ts';

const program = join(import.meta.dirname, 'main.ts');

/** The real program; one of its outputs is closed before it writes. */
async function endWithClosed(closed: 'stdout' | 'stderr', argv: readonly string[]) {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  child[closed].destroy();
  const other = text(closed === 'stdout' ? child.stderr : child.stdout);
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, other: await other };
}

test.concurrent.each([[['list']], [['list', '--json']], [['run', '--help']], [['doctor']]])(
  'padlock %j ends quietly where nobody reads its stdout',
  async (argv) => {
    expect(await endWithClosed('stdout', argv)).toEqual({ code: 0, other: '' });
  },
);

test('keeps its exit code where nobody reads its stderr', async () => {
  expect(await endWithClosed('stderr', ['no-such'])).toEqual({ code: 2, other: '' });
});

function closedPipe() {
  const codes: number[] = [];
  const [stdout, stderr] = [new EventEmitter(), new EventEmitter()];
  const pipe = new ClosedPipe(stdout, stderr, (code) => codes.push(code));
  const closeWith = (code: string, output = stdout) => output.emit('error', Object.assign(new Error(code), { code }));
  return { pipe, codes, stderr, closeWith };
}

test('lets a command finish that does more than print', () => {
  const { pipe, codes, closeWith } = closedPipe();
  pipe.begins('run');
  closeWith('EPIPE');
  expect(codes).toEqual([]);
  pipe.begins('list');
  closeWith('EPIPE');
  expect(codes).toEqual([0]);
});

test('throws any other error', () => {
  const { codes, stderr, closeWith } = closedPipe();
  expect(() => closeWith('ENOSPC')).toThrow('ENOSPC');
  expect(() => closeWith('EIO', stderr)).toThrow('EIO');
  expect(codes).toEqual([]);
});
