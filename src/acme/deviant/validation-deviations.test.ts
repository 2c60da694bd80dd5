import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CaCheck } from '../check.ts';
import { type StartedResponders, startResponders } from '../responders/start-responders.ts';
import { runConformance } from '../run-conformance.ts';
import type { AcmeServer } from '../servers/acme-server.ts';
import { builtProgram } from '../servers/built-program.ts';
import { startPebble } from '../servers/pebble.ts';
import { AcmeSession } from '../session.ts';
import { HttpsTransport, type Transport } from '../transport.ts';
import { validationChecks } from '../validation-checks.ts';
import { DeviantTransport } from './deviant-transport.ts';
import type { Deviation } from './deviation.ts';
import { mendedValidations } from './mended-validations-fixture.ts';
import { validationDeviations } from './validation-deviations.ts';

/** Each check on validations is seen passing over Pebble, mended where it must be, and failing by exactly its deviation. */

const built = builtProgram('pebble', 'pebble');
const domain = 'padlock.test';
const loopback = '127.0.0.1';
const anyPort = { address: loopback, port: 0 };
const started = new AsyncDisposableStack();
let responders: StartedResponders;
let pebble: AcmeServer;

beforeAll(async () => {
  if (built.file === null) return;
  const places = { http: anyPort, https: anyPort, tlsAlpn: anyPort, dns: anyPort };
  responders = started.use(await startResponders({ ...places, domains: [domain], addresses: [loopback] }));
  const { http, dns, tlsAlpn } = responders;
  if (http === null || tlsAlpn === null || dns === null || !('port' in dns)) throw new Error('a responder is missing');
  const targets = { httpPort: http.port, tlsPort: tlsAlpn.port, dnsServer: `${loopback}:${dns.port}` };
  pebble = started.use(await startPebble({ program: built.file, ...targets }));
});
afterAll(() => started.disposeAsync());

/** A deviation is by name: that it leaves the checks of its own groups alone is enough here. */
function isNear({ group }: CaCheck, { breaks }: Deviation): boolean {
  return validationChecks.some((one) => breaks.includes(one.id) && one.group === group);
}

/** @returns one line for each check of the exhaustive profile that is as asked */
async function check(isWanted: (verdict: string) => boolean, deviation: Deviation | null) {
  const { directoryUrl, trustedRootsPem: trustedRoots } = pebble;
  await using https = new HttpsTransport({ trustedRoots });
  const mends = mendedValidations.map((apply) => ({
    ...{ name: 'mended', describes: '', rfc: 8555, section: '8', breaks: [], apply },
  }));
  const transport = [...mends, ...(deviation ? [deviation] : [])].reduce<Transport>(
    (behind, one) => new DeviantTransport({ deviation: one, transport: behind, directoryUrl }),
    https,
  );
  // Pebble decides at once and need not be asked as late as it says, but where it waits for an address that does not answer.
  const haste = deviation === null || deviation.name === 'one-address-only' ? 5 : 50;
  const session = new AcmeSession({
    ...{ directoryUrl, transport, domain, responders, userAgent: 'padlock/test' },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms / haste)),
  });
  const checks = validationChecks.filter((one) => deviation === null || isNear(one, deviation));
  const { conformance } = await runConformance({
    ...{ session, checks, padlockVersion: '0', profile: 'exhaustive', only: [], caBundle: true },
  });
  if (conformance.error !== null) throw new Error(conformance.error);
  return conformance.checks
    .filter(({ verdict }) => isWanted(verdict))
    .map(({ id, verdict, message }) => ({ id, line: `${verdict} ${id}: ${message}` }));
}

test.skipIf(built.file === null)('over a mended Pebble every check passes', async () => {
  expect(await check((verdict) => verdict !== 'passed', null)).toEqual([]);
});

test.skipIf(built.file === null).each(validationDeviations)('$name turns exactly $breaks red', async (deviation) => {
  const red = await check((verdict) => verdict === 'failed' || verdict === 'warned', deviation);
  expect(
    red.map(({ id }) => id),
    red.map(({ line }) => line).join('\n'),
  ).toEqual(deviation.breaks);
});

test('every check on validations has a deviation', () => {
  const broken = validationDeviations.flatMap(({ breaks }) => breaks);
  expect(validationChecks.map(({ id }) => id).filter((id) => !broken.includes(id))).toEqual([]);
});
