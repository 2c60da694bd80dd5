import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const module = JSON.stringify(join(import.meta.dirname, 'interruption.ts'));

/** Runs a program that holds an interruption as `stop`, sends it signals, each after a line of its output. */
async function interrupted(script: string, signals: readonly NodeJS.Signals[]) {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', `import { interruption } from ${module};\n${script}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  let lines = '';
  for (const signal of signals) {
    const [text] = await once(child.stdout, 'data');
    lines += text;
    child.kill(signal);
  }
  child.stdout.on('data', (text) => {
    lines += text;
  });
  const [code, signal] = await ended;
  return { code, signal, lines };
}

const untilAborted = `
  const stop = interruption();
  const alive = setInterval(() => {}, 1000);
  stop.signal.addEventListener('abort', () => {
    clearInterval(alive);
    process.exitCode = stop.exitCode;
  });
  console.log('ready');`;

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('turns %s into an abort with the exit code %i', { timeout: 30_000 }, async (signal, code) => {
  expect(await interrupted(untilAborted, [signal])).toMatchObject({ code, signal: null });
});

test('lets the second signal end the process', { timeout: 30_000 }, async () => {
  const script = `
    const stop = interruption();
    setInterval(() => {}, 1000);
    stop.signal.addEventListener('abort', () => console.log('still at work'));
    console.log('ready');`;
  expect(await interrupted(script, ['SIGINT', 'SIGINT'])).toEqual({
    code: null,
    signal: 'SIGINT',
    lines: 'ready\nstill at work\n',
  });
});

test('stops listening after it is disposed of', { timeout: 30_000 }, async () => {
  const script = `
    { using stop = interruption(); }
    setInterval(() => {}, 1000);
    console.log('ready');`;
  expect(await interrupted(script, ['SIGTERM'])).toMatchObject({ code: null, signal: 'SIGTERM' });
});
