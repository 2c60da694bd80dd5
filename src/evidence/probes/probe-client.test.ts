import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { spawnAgent, startAgent } from './probe-agent-fixture.ts';
import { ProbeClient } from './probe-client.ts';
import type { TlsProbeRequest } from './probe-protocol.ts';
import { silentServer } from './probe-server-fixture.ts';

const run = (script: string): ChildProcess =>
  spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });

const question: TlsProbeRequest = {
  name: 'ask',
  address: '127.0.0.1',
  port: 443,
  serverName: 'shop.example.test',
  trust: 'ca-roots',
  roots: [],
  withinMs: 50,
};

test('an agent that exits fails the pending and all later probes', async () => {
  await using probes = new ProbeClient(run("process.stdin.once('data', () => process.exit(3))"));
  const sentence = 'The probe agent outside the cluster ended (status 3); no probe can be made any more.';
  const first = await Promise.allSettled([probes.tls(question), probes.tls(question)]);
  expect(first.map((result) => result.status === 'rejected' && result.reason.message)).toEqual([sentence, sentence]);
  await expect(probes.tls(question)).rejects.toThrow(sentence);
});

test('an agent that is killed fails the pending and all later probes', async () => {
  await using silent = await silentServer();
  const agent = spawnAgent('inherit');
  await using probes = new ProbeClient(agent);
  const waiting = [1, 2].map(() => probes.tls({ ...question, port: silent.port, withinMs: 60_000 }));
  agent.kill('SIGKILL');
  const sentence = 'The probe agent outside the cluster ended (SIGKILL); no probe can be made any more.';
  const ended = await Promise.allSettled(waiting);
  expect(ended.map((result) => result.status === 'rejected' && result.reason.message)).toEqual([sentence, sentence]);
  await expect(probes.tls(question)).rejects.toThrow(sentence);
});

test.each([
  ['no JSON', 'hello', 'SyntaxError'],
  ['no request', '{"id": 1, "kind": "ftp"}', 'kind'],
])('a line that is %s ends the agent with a sentence', async (_, line, why) => {
  const agent = spawnAgent('pipe');
  const said = agent.stderr === null ? '' : text(agent.stderr);
  agent.stdin?.write(`${line}\n`);
  expect(await once(agent, 'close')).toEqual([1, null]);
  expect(await said).toMatch(/^The probe agent received an invalid request: [^\n]+\n$/);
  expect(await said).toContain(why);
});

test('the agent ends when its stdin does', async () => {
  const agent = spawnAgent('inherit');
  agent.stdin?.end();
  expect(await once(agent, 'close')).toEqual([0, null]);
});

test('an agent that cannot be started fails its probes', async () => {
  await using probes = new ProbeClient(spawn('/nowhere/node', { stdio: ['pipe', 'pipe', 'inherit'] }));
  await expect(probes.tls(question)).rejects.toThrow('ended (spawn /nowhere/node ENOENT)');
});

test('an agent that hangs fails the probe with both limits, and is killed', async () => {
  const agent = run('setInterval(() => {}, 1000)');
  const probes = new ProbeClient(agent, { graceMs: 100, endWithinMs: 100 });
  await expect(probes.tls(question)).rejects.toThrow(
    'the tls probe "ask" within 150 ms, though its own limit is 50 ms',
  );
  const exited = once(agent, 'exit');
  await probes[Symbol.asyncDispose]();
  expect(await exited).toEqual([null, 'SIGKILL']);
});

test('an invalid answer fails the probe', async () => {
  await using probes = new ProbeClient(run("process.stdin.once('data', () => console.log('hello'))"));
  await expect(probes.tls(question)).rejects.toThrow('it sent an invalid answer: "hello"');
});

test('an invalid request is rejected before it is sent', async () => {
  await using probes = startAgent();
  await expect(probes.tls({ ...question, address: 'shop.example.test' })).rejects.toThrow(
    'The tls probe "ask" cannot be asked for',
  );
  await expect(
    probes.http({ name: 'get', url: 'http://shop.example.test/', trust: 'none', roots: [], withinMs: 50 }),
  ).rejects.toThrow('either an address or a resolver');
});

test('a hundred probes run side by side', async () => {
  await using silent = await silentServer();
  await using probes = startAgent();
  const waited = await Promise.all(
    Array.from({ length: 100 }, () => probes.tls({ ...question, port: silent.port, withinMs: 2_000 })),
  );
  expect(new Set(waited.map(({ outcome }) => 'code' in outcome && outcome.code))).toEqual(new Set(['PROBE_TIMEOUT']));
  const starts = waited.map(({ at }) => Date.parse(at));
  expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(2_000);
});

test('the agent ends with its client though a probe still waits', async () => {
  await using silent = await silentServer();
  const probes = startAgent();
  const waiting = expect(probes.tls({ ...question, port: silent.port, withinMs: 60_000 })).rejects.toThrow(
    'ended (status 0)',
  );
  await probes[Symbol.asyncDispose]();
  await waiting;
});
