import { expect, inject, test } from 'vitest';
import { OneAtATime } from '../client/one-at-a-time.ts';
import { AcmeSession } from '../client/session.ts';
import { HttpsTransport } from '../client/transport.ts';
import { compareVerdicts, expectedVerdicts } from '../expected/expected-verdicts.ts';
import { startStepCa } from '../loopback/step-ca.ts';
import { startAllResponders } from '../responders/all-responders-fixture.ts';
import { runConformance } from '../runner/run-conformance.ts';

/** The real step-ca: src/acme/expected/step-ca.json has each verdict other than `passed`, with its reason. */

const { 'step-ca': program, 'add-eab-key': addKeyProgram } = inject('serverPrograms');

const domain = 'padlock.test';
/** More than the accounts of a run. */
const manyKeys = 60;
const timeoutMs = 120_000;

/** Runs the standard profile against a step-ca of its own. */
async function run(externalKeys: number) {
  await using answering = await startAllResponders(domain);
  const { responders, targets } = answering;
  await using stepCa = await startStepCa({
    ...targets,
    program,
    ...(externalKeys > 0 ? { externalAccounts: { addKeyProgram, count: externalKeys } } : {}),
  });
  const { directoryUrl, trustedRootsPem: trustedRoots } = stepCa;
  const [externalAccount, ...moreExternalAccounts] = stepCa.externalAccounts;
  await using transport = new HttpsTransport({ trustedRoots });
  const session = new AcmeSession({
    directoryUrl,
    transport: new OneAtATime(transport),
    userAgent: 'padlock/test',
    externalAccount,
    moreExternalAccounts,
    domain,
    responders,
  });
  const { conformance } = await runConformance({
    session,
    padlockVersion: '0',
    profile: 'standard',
    only: [],
    caBundle: true,
  });
  return conformance;
}

test.each([
  ['standard', 0],
  ['external-accounts', manyKeys],
])(
  'step-ca gets the expected verdicts in the variant %s',
  async (variant, externalKeys) => {
    const conformance = await run(externalKeys);
    const { seen, expected } = compareVerdicts(expectedVerdicts('step-ca'), variant, conformance.checks);
    expect(seen).toEqual(expected);
    expect(conformance.cleanUp.certificatesRevoked).toBeGreaterThan(0);
    expect(conformance.options.externalAccount).toBe(externalKeys > 0);
  },
  timeoutMs,
);

test("step-ca takes an external account's key once", async () => {
  await using stepCa = await startStepCa({ program, externalAccounts: { addKeyProgram, count: 2 } });
  await using transport = new HttpsTransport({ trustedRoots: stepCa.trustedRootsPem });
  const [externalAccount, ...moreExternalAccounts] = stepCa.externalAccounts;
  const session = new AcmeSession({
    ...{ directoryUrl: stepCa.directoryUrl, transport, externalAccount, moreExternalAccounts },
    ...{ userAgent: 'padlock/test', domain },
  });
  await session.account();
  await session.spareAccount();
  await expect(session.anotherAccount()).rejects.toThrow('500 serverInternal');
}, 30_000);
