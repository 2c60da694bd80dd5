import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { startServer } from './server-process.ts';

test('a server that ends before it listens is an error with the end of its log', async () => {
  const started = startServer({
    program: '/bin/sh',
    args: ['-c', 'echo the port is taken >&2; exit 3'],
    env: {},
    readyLine: 'listening',
  });
  await expect(started).rejects.toThrow(/ended with 3 before it listened.*the port is taken/s);
});

test('a server that is not there is an error that names it', async () => {
  const started = startServer({ program: '/nonexistent/server', args: [], env: {}, readyLine: 'listening' });
  await expect(started).rejects.toThrow('/nonexistent/server');
});

test('a server is ready when its log says so, even in two chunks', async () => {
  await using server = await startServer({
    program: '/bin/sh',
    args: ['-c', 'printf liste; printf ning; exec cat /dev/zero > /dev/null'],
    env: { PATH: '/usr/bin:/bin' },
    readyLine: 'listening',
  });
  expect(server.log()).toContain('listening');
});

test('a server dies with the process that started it, also after kill -9', async () => {
  const module = new URL('./server-process.ts', import.meta.url).href;
  const server = {
    program: '/bin/sh',
    args: ['-c', 'echo $$ listening; exec sleep 300'],
    env: {},
    readyLine: 'listening',
  };
  const script = `const { startServer } = await import('${module}');
    process.stdout.write((await startServer(${JSON.stringify(server)})).log());`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number.parseInt(said.toString(), 10);
  expect(() => process.kill(pid, 0)).not.toThrow();
  parent.kill('SIGKILL');
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 20_000 });
});
