/** Stands before the name server outside, on another port, and passes everything on until it is told to fail. */
import { createSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { decode, encode, type Packet } from 'dns-packet';
import type { NameServerFailure } from '../../server-failure.ts';
import { type FrontEvent, nameServerFailureLine, nameServerFrontSchema } from './front-protocol.ts';

/** RFC 1035 section 4.1.1. */
const codes = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const truncatedFlag = 0x0200;
const answerWithinMs = 5_000;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { address, port, upstreamPort } = nameServerFrontSchema.parse(JSON.parse((await lines.next()).value ?? '{}'));
let failure: NameServerFailure | null = null;

function tell(event: FrontEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** The failing answer to a question; null for none, undefined where the question is passed on. */
function failing(question: Packet): Buffer | null | undefined {
  const base = { type: 'response', id: question.id, questions: question.questions } as const;
  switch (failure?.kind) {
    case 'code':
      return encode({ ...base, flags: codes[failure.code] });
    case 'silent':
      return null;
    case 'truncated':
      return encode({ ...base, flags: truncatedFlag });
    case 'stale': {
      const [asked] = question.questions ?? [];
      if (asked?.type !== 'A' && asked?.type !== 'AAAA') return undefined;
      const record = { type: 'A', name: asked.name, ttl: 0, data: failure.address } as const;
      return encode({ ...base, answers: asked.type === 'A' ? [record] : [] });
    }
    default:
      return undefined;
  }
}

async function passOn(message: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const socket = createSocket('udp4');
  const timer = setTimeout(() => reject(new Error('no answer')), answerWithinMs);
  socket.once('message', resolve).once('error', reject);
  socket.send(message, upstreamPort, address);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}

const udp = createSocket('udp4');
udp.on('message', (message, { address: client, port: clientPort }) => {
  const answered = async () => {
    const answer = failing(decode(message));
    if (answer === null) return;
    if (failure?.kind === 'slow') await delay(failure.delayMs);
    udp.send(answer ?? (await passOn(message)), clientPort, client);
  };
  // What is no question, and what the server behind does not answer, gets no answer.
  answered().catch(() => {});
});
const tcp = createServer((client: Socket) => {
  client.on('error', () => {});
  if (failure !== null && failure.kind !== 'slow') {
    client.resetAndDestroy();
    return;
  }
  const server = connect(upstreamPort, address);
  server.on('error', () => client.destroy());
  client.pipe(server).pipe(client);
});

const { promise: bound, resolve: isBound, reject: isUnbound } = Promise.withResolvers<void>();
udp.once('error', isUnbound);
udp.bind(port, '0.0.0.0', isBound);
await bound;
await new Promise<void>((resolve, reject) => tcp.once('error', reject).listen(port, '0.0.0.0', resolve));
tell({ event: 'ready' });
for await (const line of lines) {
  failure = nameServerFailureLine.parse(JSON.parse(line));
  tell({ event: 'set' });
}
process.exit(0);
