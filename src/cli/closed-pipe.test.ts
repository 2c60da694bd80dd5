import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClusterFixture, object } from '../trace/cluster-fixture.ts';
import { ClosedPipe } from './closed-pipe.ts';

const program = join(import.meta.dirname, 'main.ts');
const recorded = join(import.meta.dirname, '../attest/recorded-reports');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-closed-pipe-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** The real program; one of its outputs is closed before it writes. */
async function endWithClosed(closed: 'stdout' | 'stderr', argv: readonly string[]) {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  child[closed].destroy();
  const other = text(closed === 'stdout' ? child.stderr : child.stdout);
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, other: await other };
}

test.concurrent.each([[['list']], [['list', '--json']], [['config']], [['run', '--help']]])(
  'padlock %j ends quietly if its stdout is closed',
  async (argv) => {
    expect(await endWithClosed('stdout', argv)).toEqual({ code: 0, other: '' });
  },
);

test.concurrent.each([
  ['failed', 1],
  ['passed', 0],
])('padlock judge keeps its exit code for evidence that %s if its stdout is closed', async (result, code) => {
  const evidence = join(folder, `${result}.json`);
  await writeFile(evidence, gunzipSync(await readFile(join(recorded, result, 'evidence/http01-ingress.json.gz'))));
  expect(await endWithClosed('stdout', ['judge', evidence])).toEqual({ code, other: '' });
});

test('padlock trace --watch ends with 1 if its stdout is closed', { timeout: 30_000 }, async () => {
  await using cluster = await ClusterFixture.start();
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, cluster.server.kubeconfig.text);
  const issuerRef = { name: 'gone', kind: 'Issuer' };
  cluster.server.put(
    object('cert-manager.io/v1', 'Certificate', 'cert', {
      spec: { dnsNames: ['a.paper.test'], secretName: 'cert-tls', issuerRef },
    }),
  );
  const argv = ['trace', 'certificate', 'cert', '-n', 'apps', '--kubeconfig', kubeconfig, '--dns', '127.0.0.1'];
  expect(await endWithClosed('stdout', [...argv, '--watch'])).toEqual({ code: 1, other: '' });
});

test('keeps its exit code if its stderr is closed', async () => {
  expect(await endWithClosed('stderr', ['no-such'])).toEqual({ code: 2, other: '' });
});

function closedPipe() {
  const codes: number[] = [];
  const messages: string[] = [];
  const stdout = new EventEmitter();
  const stderr = Object.assign(new EventEmitter(), { write: (text: string) => messages.push(text) });
  const pipe = new ClosedPipe(stdout, stderr, (code) => codes.push(code));
  const closeWith = (code: string, output: EventEmitter = stdout) =>
    output.emit('error', Object.assign(new Error(code), { code, errno: -constants.errno[code as 'EPIPE'] }));
  return { pipe, codes, messages, stderr, closeWith };
}

test('lets every command finish, except a listing', () => {
  const { pipe, codes, closeWith } = closedPipe();
  pipe.begins('run');
  expect(pipe.closed.aborted).toBe(false);
  closeWith('EPIPE');
  expect(pipe.closed.aborted).toBe(true);
  pipe.begins('doctor');
  closeWith('EPIPE');
  expect(codes).toEqual([]);
  pipe.begins('list');
  closeWith('EPIPE');
  expect(codes).toEqual([0]);
});

test('says once that stdout cannot be written, and ends a listing', () => {
  const { pipe, codes, messages, closeWith } = closedPipe();
  pipe.begins('run');
  expect(pipe.isUnwritable).toBe(false);
  closeWith('ENOSPC');
  closeWith('ENOSPC');
  expect(pipe.isUnwritable).toBe(true);
  expect(pipe.closed.aborted).toBe(true);
  expect(codes).toEqual([]);
  pipe.begins('list');
  closeWith('ENOSPC');
  expect(codes).toEqual([3]);
  expect(messages).toEqual(['Cannot write to stdout: no space left on device (ENOSPC).\n']);
});

test.each([['list'], ['judge']])(
  'padlock %s ends with 3 and one sentence if stdout is on a full disk',
  async (command) => {
    const evidence = join(folder, 'full.json');
    await writeFile(evidence, gunzipSync(await readFile(join(recorded, 'failed/evidence/http01-ingress.json.gz'))));
    const full = await open('/dev/full', 'w');
    try {
      const argv = command === 'judge' ? [command, evidence] : [command];
      const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', full.fd, 'pipe'] });
      const said = child.stderr === null ? '' : text(child.stderr);
      const [code] = (await once(child, 'exit')) as [number | null];
      expect([code, await said]).toEqual([3, 'Cannot write to stdout: no space left on device (ENOSPC).\n']);
    } finally {
      await full.close();
    }
  },
);

test('throws any error of stderr other than that of a closed pipe', () => {
  const { codes, stderr, closeWith } = closedPipe();
  expect(() => closeWith('EIO', stderr)).toThrow('EIO');
  expect(codes).toEqual([]);
});
