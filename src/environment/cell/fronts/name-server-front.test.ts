import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { type Answer, decode, encode } from 'dns-packet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { programFile } from '../../../program-file.ts';
import type { NameServerFailure } from '../../server-failure.ts';
import { Front } from './front.ts';

const host = 'shop.padlock.test';
const behind = createSocket('udp4');
let front: Front<NameServerFailure>;
let port: number;

beforeAll(async () => {
  behind.on('message', (message, { address, port: client }) => {
    const { id, questions } = decode(message);
    const answers: Answer[] = [{ type: 'A', name: host, ttl: 0, data: '192.0.2.1' }];
    behind.send(encode({ type: 'response', id, questions, answers }), client, address);
  });
  await new Promise<void>((resolve) => behind.bind(0, '127.0.0.1', resolve));
  const free = createSocket('udp4');
  await new Promise<void>((resolve) => free.bind(0, '127.0.0.1', resolve));
  ({ port } = free.address());
  await new Promise<void>((resolve) => free.close(resolve));
  const upstreamPort = (behind.address() as AddressInfo).port;
  front = await Front.start(
    { spawnOutside: ([program = '', ...args]) => spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] }) },
    {
      name: 'a test',
      program: programFile(import.meta.dirname, 'name-server-front'),
      configuration: { address: '127.0.0.1', port, upstreamPort },
    },
  );
});
afterAll(async () => {
  await front.end();
  behind.close();
});

/** @returns null without an answer within the time */
async function ask(withinMs = 10_000) {
  const socket = createSocket('udp4');
  try {
    const question = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: host }] });
    socket.send(question, port, '127.0.0.1');
    const [message] = (await once(socket, 'message', { signal: AbortSignal.timeout(withinMs) })) as [Buffer];
    const { answers, flags = 0, flag_tc } = decode(message);
    return { code: flags & 0xf, isTruncated: flag_tc, addresses: answers?.map((one) => 'data' in one && one.data) };
  } catch {
    return null;
  } finally {
    socket.close();
  }
}

test('it passes questions on until it fails, and again afterwards', async () => {
  expect(await ask()).toMatchObject({ code: 0, addresses: ['192.0.2.1'] });
  await front.fail({ kind: 'code', code: 'SERVFAIL' });
  expect(await ask()).toMatchObject({ code: 2, addresses: [] });
  await front.fail({ kind: 'code', code: 'NXDOMAIN' });
  expect(await ask()).toMatchObject({ code: 3 });
  await front.fail({ kind: 'stale', address: '192.0.2.77' });
  expect(await ask()).toMatchObject({ code: 0, addresses: ['192.0.2.77'] });
  await front.fail({ kind: 'silent' });
  expect(await ask(1_000)).toBeNull();
  await front.fail(null);
  expect(await ask()).toMatchObject({ code: 0, addresses: ['192.0.2.1'] });
});

test('a truncated answer, and no TCP', async () => {
  await front.fail({ kind: 'truncated' });
  expect(await ask()).toMatchObject({ isTruncated: true });
  const socket = connect(port, '127.0.0.1');
  const [error] = (await once(socket, 'close').catch((thrown: unknown) => [thrown])) as [unknown];
  expect(error).toBeTruthy();
});
