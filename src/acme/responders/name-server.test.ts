import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import * as dns from 'dns-packet';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NameServer } from './name-server.ts';

let server: NameServer;
let resolver: Resolver;

beforeEach(async () => {
  server = await NameServer.start({
    ...{ address: '127.0.0.1', port: 0 },
    domains: ['ca.padlock.test'],
    addresses: ['127.0.0.1', '2001:db8::7'],
  });
  resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
});

afterEach(() => server[Symbol.asyncDispose]());

/** Over TCP, as Pebble asks. */
async function overTcp(...queries: readonly dns.Packet[]): Promise<readonly dns.DecodedPacket[]> {
  const socket = connect(server.port, '127.0.0.1');
  const answers: dns.DecodedPacket[] = [];
  let waiting = Buffer.alloc(0);
  for (const query of queries) socket.write(dns.streamEncode(query));
  for await (const chunk of socket) {
    waiting = Buffer.concat([waiting, chunk as Buffer]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const end = 2 + waiting.readUInt16BE(0);
      answers.push(dns.decode(waiting.subarray(2, end)));
      waiting = waiting.subarray(end);
    }
    if (answers.length === queries.length) break;
  }
  return answers;
}

function query(name: string, type: dns.RecordType, id = 1): dns.Packet {
  return { type: 'query', id, flags: 0, questions: [{ type, name }] };
}

test('every name below the domain resolves to the probe unless configured otherwise', async () => {
  expect(await resolver.resolve4('anything.ca.padlock.test')).toEqual(['127.0.0.1']);
  expect(await resolver.resolve6('anything.ca.padlock.test')).toEqual(['2001:db8::7']);
  await server.set('anything.ca.padlock.test', 'A', ['192.0.2.1', '192.0.2.2']);
  expect((await resolver.resolve4('anything.ca.padlock.test')).toSorted()).toEqual(['192.0.2.1', '192.0.2.2']);
  await server.set('anything.ca.padlock.test', 'AAAA', []);
  await expect(resolver.resolve6('anything.ca.padlock.test')).rejects.toMatchObject({ code: 'ENODATA' });
});

test('serves several TXT values until they are removed', async () => {
  const name = '_acme-challenge.a.ca.padlock.test';
  const set = await server.set(name, 'TXT', ['one', 'two']);
  expect((await resolver.resolveTxt(name)).flat().toSorted()).toEqual(['one', 'two']);
  await set[Symbol.asyncDispose]();
  await expect(resolver.resolveTxt(name)).rejects.toMatchObject({ code: 'ENODATA' });
  await expect(resolver.resolve4(name)).rejects.toMatchObject({ code: 'ENODATA' });
});

test('an alias within the domain is followed, and one that leaves it is returned', async () => {
  await server.set('_acme-challenge.a.ca.padlock.test', 'CNAME', ['real.ca.padlock.test']);
  await server.set('real.ca.padlock.test', 'TXT', ['value']);
  expect(await resolver.resolveTxt('_acme-challenge.a.ca.padlock.test')).toEqual([['value']]);
  await server.set('b.ca.padlock.test', 'CNAME', ['elsewhere.example']);
  const [answer] = await overTcp(query('b.ca.padlock.test', 'A'));
  expect(answer?.answers).toMatchObject([{ type: 'CNAME', data: 'elsewhere.example' }]);
  await server.set('loop.ca.padlock.test', 'CNAME', ['loop.ca.padlock.test']);
  await expect(resolver.resolve4('loop.ca.padlock.test')).rejects.toMatchObject({ code: 'ESERVFAIL' });
});

test('CAA', async () => {
  await server.set('a.ca.padlock.test', 'CAA', [
    '0 issue "ca.example; accounturi=https://ca.example/1"',
    '128 iodef "x"',
  ]);
  expect(await resolver.resolveCaa('a.ca.padlock.test')).toMatchObject([
    { critical: 0, issue: 'ca.example; accounturi=https://ca.example/1' },
    { critical: 128, iodef: 'x' },
  ]);
});

test('it fails on request, for one type or for all', async () => {
  const failing = await server.fail('a.ca.padlock.test', 'SERVFAIL', 'CAA');
  await expect(resolver.resolveCaa('a.ca.padlock.test')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  expect(await resolver.resolve4('a.ca.padlock.test')).toEqual(['127.0.0.1']);
  await failing[Symbol.asyncDispose]();
  await server.fail('a.ca.padlock.test', 'NXDOMAIN');
  await expect(resolver.resolve4('a.ca.padlock.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('answers several queries on one TCP connection, and preserves the case of names', async () => {
  const answers = await overTcp(query('A.cA.pAdlock.Test', 'A', 7), query('ca.padlock.test', 'SOA', 8));
  expect(answers.map(({ id }) => id)).toEqual([7, 8]);
  expect(answers[0]?.questions).toMatchObject([{ name: 'A.cA.pAdlock.Test' }]);
  expect(answers[0]?.answers).toMatchObject([{ name: 'A.cA.pAdlock.Test', data: '127.0.0.1' }]);
  expect(answers[1]?.answers).toMatchObject([{ type: 'SOA', data: { mname: 'ns.ca.padlock.test' } }]);
  expect(server.queries('a.ca.padlock.test')).toMatchObject([{ type: 'A' }]);
});

test('refuses names outside its zone, and answers with the SOA if there is no record', async () => {
  const [foreign, nothing] = await overTcp(query('example.com', 'A'), query('_x.ca.padlock.test', 'A', 2));
  expect(foreign).toMatchObject({ rcode: 'REFUSED', flag_aa: false, answers: [] });
  expect(nothing).toMatchObject({ rcode: 'NOERROR', flag_aa: true, answers: [], authorities: [{ type: 'SOA' }] });
});

test('truncates large answers over UDP, and sends them complete over TCP', async () => {
  const name = '_acme-challenge.many.ca.padlock.test';
  const values = Array.from({ length: 60 }, (_, index) => `${index}`.padStart(43, 'x'));
  await server.set(name, 'TXT', values);
  // The resolver of Node goes on over TCP by itself when it is told that the answer was cut.
  expect((await resolver.resolveTxt(name)).flat().toSorted()).toEqual(values.toSorted());
});

test('drops malformed packets, and reports a port in use in one sentence', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(Buffer.from([0, 3, 1, 2, 3]));
  expect(await resolver.resolve4('still.ca.padlock.test')).toEqual(['127.0.0.1']);
  socket.destroy();
  const again = { address: '127.0.0.1', port: server.port, domains: [], addresses: [] };
  await expect(NameServer.start(again)).rejects.toThrow(
    `The name server cannot listen on 127.0.0.1:${server.port}: something else listens there; choose another port, or end that.`,
  );
});
