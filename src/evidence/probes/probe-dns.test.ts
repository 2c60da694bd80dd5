import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAgent } from './probe-agent-fixture.ts';
import type { ProbeClient } from './probe-client.ts';
import type { DnsProbeRequest } from './probe-protocol.ts';
import { listening } from './probe-server-fixture.ts';

const withinMs = 10_000;
const types = { A: 1, CNAME: 5, TXT: 16, AAAA: 28 } as const;
type RecordType = keyof typeof types;
type Zone = Record<string, Partial<Record<RecordType, Buffer[]>>>;

const zone: Zone = {
  'shop.example.test': {
    A: [Buffer.from([192, 0, 2, 1]), Buffer.from([192, 0, 2, 2])],
    AAAA: [Buffer.from('20010db8000000000000000000000001', 'hex')],
    TXT: [Buffer.concat([characterString('one '), characterString('value')]), characterString('another')],
  },
  'www.example.test': { CNAME: [domainName('shop.example.test')] },
  'local.example.test': { A: [Buffer.from([127, 0, 0, 1])] },
};

let probes: ProbeClient;
let server: AsyncDisposable & { readonly address: string };
beforeAll(async () => {
  probes = startAgent();
  server = await nameServer(zone);
});
afterAll(async () => {
  await probes[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const ask = (type: DnsProbeRequest['type'], host: string) =>
  probes.dns({ name: 'ask', servers: [server.address], host, type, withinMs });

test.each([
  ['A', 'shop.example.test', ['192.0.2.1', '192.0.2.2']],
  ['AAAA', 'shop.example.test', ['2001:db8::1']],
  ['TXT', 'shop.example.test', ['one value', 'another']],
  ['CNAME', 'www.example.test', ['shop.example.test']],
] as const)('%s of %s', async (type, host, records) => {
  const probe = await ask(type, host);
  expect(probe).toMatchObject({ kind: 'dns', name: 'ask', servers: [server.address], host, type });
  expect(probe.outcome).toEqual({ records });
});

test('a name that does not exist, and one without such a record', async () => {
  const [absent, without] = await Promise.all([ask('A', 'absent.example.test'), ask('AAAA', 'www.example.test')]);
  expect(absent.outcome).toMatchObject({ code: 'ENOTFOUND' });
  expect(without.outcome).toMatchObject({ code: 'ENODATA' });
});

test('localhost is asked like any other name: the hosts file plays no part', async () => {
  expect((await ask('A', 'localhost.example.test')).outcome).toMatchObject({ code: 'ENOTFOUND' });
});

test('a server that is silent meets the time limit', async () => {
  await using silent = await nameServer(null);
  const probe = await probes.dns({
    name: 'ask',
    servers: [silent.address],
    host: 'shop.example.test',
    type: 'A',
    withinMs: 200,
  });
  expect(probe.outcome).toEqual({
    error: `no answer within 200 ms; last seen: no answer from ${silent.address}`,
    code: 'PROBE_TIMEOUT',
  });
});

test('an HTTP probe finds its address by a resolver, and records it', async () => {
  await using web = await listening(createServer((request, response) => response.end(request.headers.host)));
  const url = `http://local.example.test:${web.port}/`;
  const common = { name: 'get', resolver: server.address, trust: 'none', roots: [], withinMs } as const;
  const [found, lost] = await Promise.all([
    probes.http({ ...common, url }),
    probes.http({ ...common, url: 'http://absent.example.test/' }),
  ]);
  expect(found).toMatchObject({
    address: '127.0.0.1',
    outcome: { status: 200, body: `local.example.test:${web.port}` },
  });
  expect(lost).toMatchObject({ address: '', outcome: { code: 'ENOTFOUND' } });
});

/** Answers over UDP from a zone (RFC 1035, section 4), or never. */
async function nameServer(records: Zone | null): Promise<AsyncDisposable & { readonly address: string }> {
  const socket = createSocket('udp4', (query, client) => {
    if (records !== null) socket.send(answerTo(query, records), client.port, client.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function answerTo(query: Buffer, records: Zone): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  const question = query.subarray(12, at + 5);
  const ofName = records[labels.join('.').toLowerCase()];
  const asked = Object.entries(types).find(([, number]) => number === type)?.[0] as RecordType | undefined;
  const answers = (asked === undefined ? undefined : ofName?.[asked]) ?? [];
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | (ofName === undefined ? 3 : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  const sections = answers.map((data) => {
    const head = Buffer.from('c00c00000001000000000000', 'hex');
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(data.length, 10);
    return Buffer.concat([head, data]);
  });
  return Buffer.concat([header, question, ...sections]);
}

function characterString(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
}

function domainName(name: string): Buffer {
  return Buffer.concat([...name.split('.').map(characterString), Buffer.from([0])]);
}
