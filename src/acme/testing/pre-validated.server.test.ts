import { expect, inject, test } from 'vitest';
import { issue } from '../client/issuance.ts';
import { AcmeSession } from '../client/session.ts';
import { HttpsTransport, type Transport } from '../client/transport.ts';
import { changeAuthorizations } from '../deviations/change-authorizations.ts';
import { DeviantTransport } from '../deviations/deviant-transport.ts';
import { expectedVerdicts } from '../expected/expected-verdicts.ts';
import { startPebble } from '../loopback/pebble.ts';
import { startAllResponders } from '../responders/all-responders-fixture.ts';
import { runConformance } from '../runner/run-conformance.ts';

/** A CA that has validated a name before: its orders are ready at once. Such a CA may show no challenges at all. */

const domain = 'ca.padlock.test';
const name = `beforehand.${domain}`;
const known = new Set(expectedVerdicts('pebble').verdicts.flatMap(({ checks }) => checks));

test.each([
  ['with', (transport: Transport) => transport],
  [
    'without',
    (transport: Transport, directoryUrl: string) =>
      new DeviantTransport({
        deviation: {
          ...{ name: 'no-challenges', describes: '', rfc: 8555, section: '7.1.4', breaks: [] },
          apply: changeAuthorizations(
            ({ status }) => status === 'valid',
            (authorization) => ({ ...authorization, challenges: [] }),
          ),
        },
        transport,
        directoryUrl,
      }),
  ],
] as const)(
  'issuance and revocation are judged %s challenges in a valid authorization',
  { timeout: 120_000 },
  async (_, behind) => {
    await using answering = await startAllResponders(domain);
    await using pebble = await startPebble({
      ...answering.targets,
      program: inject('serverPrograms').pebble,
      authzReusePercent: 100,
    });
    const { directoryUrl, trustedRootsPem: trustedRoots } = pebble;
    await using transport = new HttpsTransport({ trustedRoots });
    const common = { directoryUrl, userAgent: 'padlock/test', domain };
    const before = new AcmeSession({ ...common, transport, responders: answering.responders });
    const { order } = await issue(before, { label: 'beforehand' });
    const accountKey = order.account.key;
    const session = new AcmeSession({
      ...{ ...common, transport: behind(transport, directoryUrl), accountKey, names: [name], isPreValidated: true },
    });
    const { conformance } = await runConformance({
      ...{ session, padlockVersion: '0', profile: 'standard', only: [], caBundle: true, lanesAtOnce: 1 },
    });
    const verdictOf = (wanted: string) => conformance.checks.find(({ id }) => id === wanted)?.verdict;
    expect(
      ['honest-order-is-issued', 'reused-authorization-makes-ready', 'revocation-by-account'].map(verdictOf),
    ).toEqual(['passed', 'passed', 'passed']);
    const red = conformance.checks.filter(({ verdict }) => verdict === 'failed' || verdict === 'warned');
    expect(red.filter(({ id }) => !known.has(id)).map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
    expect([conformance.error, conformance.problems]).toEqual([null, []]);
    // Neither the account nor the validation is of this run.
    const after = await before.read(order.account, before.authorizationOf(order));
    expect(JSON.parse(after.body)).toMatchObject({ status: 'valid' });
  },
);

test('a name that the CA has not validated is told first', { timeout: 60_000 }, async () => {
  await using pebble = await startPebble({ program: inject('serverPrograms').pebble });
  const { directoryUrl, trustedRootsPem: trustedRoots } = pebble;
  await using transport = new HttpsTransport({ trustedRoots });
  const session = new AcmeSession({
    ...{ directoryUrl, transport, userAgent: 'padlock/test', domain, names: [name], isPreValidated: true },
  });
  const { conformance } = await runConformance({
    ...{ session, padlockVersion: '0', profile: 'standard', only: ['7.4'], caBundle: true, lanesAtOnce: 1 },
  });
  expect(conformance.problems[0]).toMatch(
    /^Not possible here: the authorization of beforehand\.ca\.padlock\.test is "pending" and offers /,
  );
});
