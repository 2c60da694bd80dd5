import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import * as dns from 'dns-packet';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameServer } from './name-server.ts';

const domain = 'ca.padlock.test';

/** A query in which bytes were changed, or any bytes at all. */
const packets: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc
    .tuple(
      fc.constantFrom('A', 'AAAA', 'TXT', 'CAA', 'SOA', 'NS', 'CNAME', 'MX', 'ANY', 'OPT', 'AXFR'),
      fc.constantFrom(domain, `a.${domain}`, `txt.${domain}`, 'test', 'elsewhere.example'),
      fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 }),
    )
    .map(([type, name, changes]) => {
      const question = { type: type as dns.RecordType, name };
      const packet = Buffer.from(dns.encode({ type: 'query', id: 7, flags: 0, questions: [question] }));
      for (const [at, byte] of changes) if (at < packet.length) packet[at] = byte;
      return packet;
    }),
);

test('the name server answers after any packet, over UDP and TCP', async () => {
  await using server = await NameServer.start({
    ...{ address: '127.0.0.1', port: 0, domains: [domain], addresses: ['127.0.0.1'] },
  });
  await server.set(`txt.${domain}`, 'TXT', ['x'.repeat(255)]);
  const udp = createSocket('udp4');
  const samples = fc.sample(packets, { numRuns: 1_000, seed: 20_261_128 });
  for (const packet of samples)
    await new Promise<void>((resolve, reject) =>
      udp.send(packet, server.port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    );
  udp.close();
  for (const packet of samples.slice(0, 50)) {
    const socket = connect(server.port, '127.0.0.1');
    // It may be closed in the face of the client.
    socket.on('error', () => {});
    const length = Buffer.alloc(2);
    length.writeUInt16BE(packet.length);
    socket.write(Buffer.concat([length, packet]));
    socket.end();
    socket.resume();
    await once(socket, 'close');
  }
  const resolver = new Resolver({ timeout: 5_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
  expect(await resolver.resolve4(`after.${domain}`)).toEqual(['127.0.0.1']);
});
