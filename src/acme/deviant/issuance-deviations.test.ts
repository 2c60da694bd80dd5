import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificateChecks } from '../certificate-checks.ts';
import type { CaCheck } from '../check.ts';
import { commonNameChecks, csrChecks, finalizeChecks } from '../finalize-checks.ts';
import { identifierChecks } from '../identifier-checks.ts';
import { leafChecks } from '../leaf-checks.ts';
import { profileChecks } from '../profile-checks.ts';
import { renewalInformationChecks } from '../renewal-information-checks.ts';
import { requestedDatesChecks } from '../requested-dates-checks.ts';
import { startResponders } from '../responders/start-responders.ts';
import type { Responders } from '../responders.ts';
import { otherRevocationChecks, revocationChecks } from '../revocation-checks.ts';
import { runConformance } from '../run-conformance.ts';
import type { AcmeServer } from '../servers/acme-server.ts';
import { builtProgram } from '../servers/built-program.ts';
import { startPebble } from '../servers/pebble.ts';
import { AcmeSession } from '../session.ts';
import { HttpsTransport, type Transport } from '../transport.ts';
import { validAuthorizationChecks } from '../valid-authorization-checks.ts';
import { DeviantTransport } from './deviant-transport.ts';
import type { Deviation } from './deviation.ts';
import { identifierDeviations } from './identifier-deviations.ts';
import { issuanceDeviations } from './issuance-deviations.ts';
import { leafDeviations } from './leaf-deviations.ts';
import { mendedIssuances } from './mended-issuance-fixture.ts';
import { MendedPebble } from './mended-pebble-fixture.ts';
import { revocationDeviations } from './revocation-deviations.ts';

/** Each check on an issuance is seen passing over Pebble, mended where it must be, and failing by exactly its deviation. */

const issuanceChecks: readonly CaCheck[] = [
  ...[...finalizeChecks, ...csrChecks, ...commonNameChecks, ...certificateChecks, ...leafChecks],
  ...[...revocationChecks, ...otherRevocationChecks, ...renewalInformationChecks, ...profileChecks],
  ...[...identifierChecks, ...requestedDatesChecks, ...validAuthorizationChecks],
];
const deviations = [...issuanceDeviations, ...leafDeviations, ...revocationDeviations, ...identifierDeviations];

/** How Pebble's own handling of common names shows: that cannot be mended, as only its CA can certify them. */
const unmended = ['csr-with-foreign-common-name', 'name-in-common-name-only'];
/** Pebble has neither alternate chains here, nor reused authorizations, nor forbidden names. */
const notOffered = ['alternate-chains', 'reused-authorization-makes-ready', 'forbidden-name-is-told'];

const built = builtProgram('pebble', 'pebble');
const domain = 'padlock.test';
const loopback = '127.0.0.1';
const anyPort = { address: loopback, port: 0 };
const started = new AsyncDisposableStack();
let responders: Responders;
let pebble: AcmeServer;

beforeAll(async () => {
  if (built.file === null) return;
  const running = started.use(
    await startResponders({ http: anyPort, dns: anyPort, domains: [domain], addresses: [loopback] }),
  );
  const { http, dns } = running;
  if (http === null || dns === null || !('port' in dns)) throw new Error('a responder is missing');
  responders = running;
  const targets = { httpPort: http.port, dnsServer: `${loopback}:${dns.port}` };
  pebble = started.use(await startPebble({ program: built.file, ...targets }));
});
afterAll(() => started.disposeAsync());

async function check(deviation: Deviation | null) {
  const { directoryUrl, trustedRootsPem: trustedRoots } = pebble;
  await using https = new HttpsTransport({ trustedRoots });
  const mends = mendedIssuances.map((apply) => ({
    ...{ name: 'mended', describes: '', rfc: 8555, section: '7.4', breaks: [], apply },
  }));
  const transport = [...mends, ...(deviation ? [deviation] : [])].reduce<Transport>(
    (behind, one) => new DeviantTransport({ deviation: one, transport: behind, directoryUrl }),
    new MendedPebble(https, directoryUrl),
  );
  const session = new AcmeSession({
    ...{ directoryUrl, transport, domain, responders, userAgent: 'padlock/test' },
    // Pebble decides at once: it need not be asked as late as it says.
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 50)),
  });
  const { conformance } = await runConformance({
    ...{ session, checks: issuanceChecks, padlockVersion: '0', profile: 'standard', only: [], caBundle: true },
  });
  if (conformance.error !== null) throw new Error(conformance.error);
  return conformance.checks;
}

test.skipIf(built.file === null)('over a mended Pebble every check passes', async () => {
  const checks = await check(null);
  const others = checks.filter(({ id, verdict }) => verdict !== 'passed' && !unmended.includes(id));
  expect(others.map(({ id, message }) => (notOffered.includes(id) ? id : `${id}: ${message}`)).toSorted()).toEqual(
    notOffered.toSorted(),
  );
});

test.skipIf(built.file === null).each(deviations)('$name turns exactly $breaks red', async (deviation) => {
  const red = (await check(deviation)).filter(
    ({ id, verdict }) =>
      (verdict === 'failed' || verdict === 'warned') && (deviation.breaks.includes(id) || !unmended.includes(id)),
  );
  const seen = red.map(({ id, verdict, message }) => `${verdict} ${id}: ${message}`).join('\n');
  expect(red.map(({ id }) => id).toSorted(), seen).toEqual(deviation.breaks.toSorted());
});

test('every check on an issuance has a deviation', () => {
  const broken = deviations.flatMap(({ breaks }) => breaks);
  expect(issuanceChecks.map(({ id }) => id).filter((id) => !broken.includes(id))).toEqual([]);
});
