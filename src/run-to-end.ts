import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program to its end and returns its stdout. @throws with its name, status and stderr. */
export async function runToEnd(program: string, args: readonly string[], stdin = ''): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`${program} ended with ${signal ?? `status ${code}`}: ${err.trim() || out.trim()}`);
  return out;
}
