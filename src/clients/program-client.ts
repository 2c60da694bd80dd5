import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../acme/loopback/free-ports.ts';
import { startPebble } from '../acme/loopback/pebble.ts';
import { NameServer } from '../acme/responders/name-server.ts';
import type { Components } from '../components/index.ts';
import { messageOf } from '../error-message.ts';
import type { AcmeClient } from './acme-client.ts';
import type { ClientLane, LaneEnd, LaneRequest, ReadyClient } from './client-lane.ts';

const domain = 'padlock.test';
const loopback = '127.0.0.1';
/** By default, lego waits 30 s for an order, certbot 90 s and acmez 5 min. */
const clientLimitMs = 360_000;
/** A client has this long to end after SIGTERM. */
const endLimitMs = 5_000;

/**
 * Makes a program ready. Each order has a Pebble of its own, which validates on the port of its lane: a client that deactivates an
 * authorization while Pebble validates it blocks all later orders of that Pebble.
 */
export async function readyProgram(client: AcmeClient, components: Components, lanes: number): Promise<ReadyClient> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'padlock-client-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const names = started.use(
    await NameServer.start({ address: loopback, port: 0, domains: [domain], addresses: [loopback] }),
  );
  const ready: ClientLane[] = [];
  for (let count = 0; count < lanes; count += 1) {
    const [httpPort = 0] = await freePorts(1);
    const dnsServer = `${loopback}:${names.port}`;
    ready.push({
      openUpstream: () => startPebble({ httpPort, dnsServer, program: components.binary('pebble') }),
      listenAddress: loopback,
      order: (request) => order({ client, components, folder, httpPort, request }),
    });
  }
  const held = started.move();
  const { id, title, version } = client;
  return { ...{ id, title, version, domain, lanes: ready }, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

interface ProgramOrder {
  readonly client: AcmeClient;
  readonly components: Components;
  readonly folder: string;
  readonly httpPort: number;
  readonly request: LaneRequest;
}

async function order({ client, components, folder, httpPort, request }: ProgramOrder): Promise<LaneEnd> {
  const { name, directoryUrl } = request;
  const own = join(folder, name);
  await mkdir(own);
  const roots = `${own}.pem`;
  await writeFile(roots, request.certificate);
  const asked = { directoryUrl, roots, name, httpPort, folder: own };
  const { command, environment } = client.call(asked, components);
  const { status, signalled, stdout, stderr } = await runToEnd(command, environment, request.signal);
  const got = status === 0 ? await client.obtained(asked, stdout).catch((error: unknown) => messageOf(error)) : null;
  await rm(own, { recursive: true });
  return {
    ...{ status, signal: signalled, message: typeof got === 'string' ? got : client.message(stderr) },
    obtained: typeof got === 'string' ? null : got,
  };
}

/** Runs a program until it ends or its time is over. `status` and `signalled` are null where its time was over. */
async function runToEnd(
  [program, ...args]: readonly [string, ...string[]],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
) {
  signal.throwIfAborted();
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let isOver = false;
  const end = () => {
    isOver = true;
    child.kill('SIGTERM');
    killing = setTimeout(() => child.kill('SIGKILL'), endLimitMs);
  };
  let killing: NodeJS.Timeout | undefined;
  const limit = setTimeout(end, clientLimitMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    const [status, signalled] = (await once(child, 'close')) as [number | null, string | null];
    signal.throwIfAborted();
    return isOver ? { status: null, signalled: null, stdout, stderr } : { status, signalled, stdout, stderr };
  } finally {
    clearTimeout(limit);
    clearTimeout(killing);
    signal.removeEventListener('abort', end);
  }
}
