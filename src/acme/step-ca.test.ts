import { expect, test } from 'vitest';
import { runConformance } from './run-conformance.ts';
import { builtProgram } from './servers/built-program.ts';
import { startStepCa } from './servers/step-ca.ts';
import { AcmeSession } from './session.ts';
import { HttpsTransport } from './transport.ts';

/** The read-only profile against the real step-ca: every verdict that is not `passed` was looked at, see docs/ca-results/step-ca.md. */

const built = builtProgram('step-ca', 'step-ca');
const program = built.file ?? '';

test.skipIf(built.file === null)(
  `step-ca gets the verdicts of docs/ca-results/step-ca.md (${built.file ?? built.reason})`,
  async () => {
    await using stepCa = await startStepCa({ program });
    await using transport = new HttpsTransport({ trustedRoots: stepCa.trustedRootsPem });
    const session = new AcmeSession({
      ...{ directoryUrl: stepCa.directoryUrl, transport, userAgent: 'padlock/test', domain: 'padlock.test' },
    });
    const { conformance } = await runConformance({
      ...{ session, padlockVersion: '0', profile: 'read-only', only: [], caBundle: true },
    });
    const notPassed = conformance.checks.filter(({ verdict }) => verdict !== 'passed');
    expect(notPassed.map(({ id, verdict }) => `${verdict} ${id}`)).toEqual([
      'skipped directory-meta-is-an-object',
      'failed content-type',
      'failed absent-nonce',
      'failed ill-encoded-nonce',
      'failed algorithms-are-listed',
      'failed padded-base64url',
      'failed foreign-url',
      'failed unacceptable-key',
      'skipped retry-after-is-understandable',
      'warned errors-are-problem-documents',
    ]);
  },
  30_000,
);

const addKey = builtProgram('step-ca', 'add-eab-key');
const addKeyProgram = addKey.file ?? '';

test.skipIf(built.file === null || addKey.file === null)(
  `step-ca takes an external account's key once (${addKey.file ?? addKey.reason})`,
  async () => {
    await using stepCa = await startStepCa({ program, externalAccounts: { addKeyProgram, count: 2 } });
    await using transport = new HttpsTransport({ trustedRoots: stepCa.trustedRootsPem });
    const sessions = stepCa.externalAccounts.map(
      (externalAccount) =>
        new AcmeSession({
          ...{ directoryUrl: stepCa.directoryUrl, transport, externalAccount, userAgent: 'padlock/test' },
          domain: 'padlock.test',
        }),
    );
    expect(sessions).toHaveLength(2);
    for (const session of sessions) {
      await session.account();
      await expect(session.anotherAccount()).rejects.toThrow('500 serverInternal');
    }
  },
  30_000,
);
