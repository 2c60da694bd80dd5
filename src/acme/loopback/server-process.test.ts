import { expect, test } from 'vitest';
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
