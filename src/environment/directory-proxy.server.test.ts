import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, inject, test } from 'vitest';
import { Toxiproxy, toxiproxyConfiguration } from './directory-proxy.ts';

const program = inject('serverPrograms')['toxiproxy-server'];

let upstream: Server;
let running: ChildProcess | undefined;
let folder: string | undefined;

afterEach(async () => {
  if (running && running.exitCode === null) {
    const ended = once(running, 'exit');
    running.kill();
    await ended;
  }
  upstream?.close();
  if (folder) await rm(folder, { recursive: true });
  [running, folder] = [undefined, undefined];
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The real Toxiproxy before a server that says back what it is told. */
async function startToxiproxy(): Promise<{ port: number; proxy: Toxiproxy }> {
  upstream = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'padlock-toxiproxy-'));
  const [port, api] = [await freePort(), await freePort()];
  const configuration = join(folder, 'toxiproxy.json');
  await writeFile(configuration, toxiproxyConfiguration(port, `127.0.0.1:${(upstream.address() as AddressInfo).port}`));
  running = spawn(program, ['-port', String(api), '-config', configuration], { stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([said(running, /Starting Toxiproxy HTTP server/), once(running, 'exit')]);
  // It says so just before it listens.
  await untilOpen(api);
  return { port, proxy: new Toxiproxy(`http://127.0.0.1:${api}`) };
}

async function said(child: ChildProcess, line: RegExp): Promise<void> {
  await new Promise<void>((resolve) => {
    let log = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8');
      if (line.test(log)) resolve();
    });
  });
}

async function untilOpen(port: number): Promise<void> {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; ) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
  }
  throw new Error(`nothing listens on port ${port} after 5 s`);
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** How long an echo takes, in milliseconds. */
async function echo(socket: Socket): Promise<number> {
  const started = performance.now();
  socket.write('hello');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toBe('hello');
  return performance.now() - started;
}

test('cuts, slows down and restores the way', async () => {
  const { port, proxy } = await startToxiproxy();
  const open = await connected(port);
  await echo(open);

  const ended = once(open, 'close');
  await proxy.cut();
  await ended;
  await expect(connected(port)).rejects.toThrow('ECONNREFUSED');

  await proxy.restore();
  await proxy.slowDown(200);
  const slow = await connected(port);
  expect(await echo(slow)).toBeGreaterThan(190);

  await proxy.restore();
  const restored = await connected(port);
  expect(await echo(restored)).toBeLessThan(150);
  slow.destroy();
  restored.destroy();
});

test('says what Toxiproxy answered to what it does not take', async () => {
  const { proxy } = await startToxiproxy();
  await proxy.slowDown(1);
  // Toxiproxy has one toxic of a kind and direction.
  await expect(proxy.slowDown(2)).rejects.toThrow(
    'Toxiproxy answered POST /proxies/acme-directory/toxics with 409: toxic already exists',
  );
});
