/**
 * `node src/acme/testing/pebble-deadlock.ts PROGRAM`: reproduces the two deadlocks of Pebble v2.10.1 (docs/decisions/0006-pebble-lock.md) on a Pebble
 * of your choice. Build the released one with `GOBIN=$PWD go install github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.1`; Padlock's own is in the
 * cache. Exit code 0 if both loads were served, 1 if Pebble stopped answering, 2 for wrong usage.
 */
import { createCertificateKey, createCertificateRequest } from '../client/certificate-request.ts';
import { finalize, readyOrder } from '../client/issuance.ts';
import { type Account, AcmeSession } from '../client/session.ts';
import { HttpsTransport, NoAnswerError } from '../client/transport.ts';
import { startPebble } from '../loopback/pebble.ts';
import { startAllResponders } from '../responders/all-responders-fixture.ts';

const domain = 'deadlock.padlock.test';
/** A Pebble that does not answer within this time has stopped: an answer takes milliseconds. */
const requestMs = 10_000;

/** A load on one account. Resolves when its last order is served; every request may be the one that gets no answer. */
interface Load {
  readonly title: string;
  readonly orders: number;
  run(session: AcmeSession, account: Account, served: () => void): Promise<void>;
}

/** `wfe.Order` takes an order's read lock twice; `CompleteOrder`, after finalize, asks for the write lock in between. */
const finalizeWhilePolling: Load = {
  title: 'finalize an order while twelve clients poll it',
  orders: 300,
  async run(session, account, served) {
    const key = await createCertificateKey();
    for (let index = 0; index < this.orders; index += 1) {
      const label = `finalize-${index}`;
      const order = await readyOrder(session, { account, label });
      const csr = await createCertificateRequest(key, { names: [session.name(label)] });
      const polls = Array.from({ length: 12 }, async () => {
        for (let poll = 0; poll < 10; poll += 1) await session.read(account, order.url);
      });
      await Promise.all([finalize(session, order, csr), ...polls]);
      served();
    }
  },
};

/** `wfe.Authz` and `FindValidAuthorization`, which newOrder calls, take the same two locks in opposite order. */
const orderWhileReading: Load = {
  title: 'create orders with eight clients while eight others read authorizations',
  orders: 4000,
  async run(session, account, served) {
    let authorization = session.authorizationOf(await session.anotherOrder(account, 'first'));
    let next = 0;
    const order = async () => {
      while (next < this.orders) {
        next += 1;
        authorization = session.authorizationOf(await session.anotherOrder(account, `order-${next}`));
        served();
      }
    };
    const read = async () => {
      while (next < this.orders) await session.read(account, authorization);
    };
    await Promise.all(Array.from({ length: 8 }, () => [order(), read()]).flat());
  },
};

/** @returns whether Pebble answered to the end */
async function isServed(program: string, load: Load): Promise<boolean> {
  await using answering = await startAllResponders(domain);
  const { responders, targets } = answering;
  await using pebble = await startPebble({ ...targets, program });
  await using transport = new HttpsTransport({
    trustedRoots: pebble.trustedRootsPem,
    limits: { requestMs, bodyBytes: 1_048_576 },
  });
  const { directoryUrl } = pebble;
  const maxRequests = Number.POSITIVE_INFINITY;
  const session = new AcmeSession({
    ...{ directoryUrl, transport, responders, domain, maxRequests, userAgent: 'padlock/pebble-deadlock' },
    wait: async () => {},
  });
  let orders = 0;
  try {
    await load.run(session, await session.anotherAccount(), () => {
      orders += 1;
    });
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    process.stdout.write(`${load.title}: no answer within ${requestMs / 1000} s after ${orders} orders\n`);
    return false;
  }
  process.stdout.write(`${load.title}: ${orders} orders served\n`);
  return true;
}

const [program] = process.argv.slice(2);
if (program === undefined) {
  process.stderr.write('Name the Pebble to test: node src/acme/testing/pebble-deadlock.ts PROGRAM\n');
  process.exitCode = 2;
} else {
  for (const load of [finalizeWhilePolling, orderWhileReading]) {
    if (!(await isServed(program, load))) process.exitCode = 1;
  }
}
