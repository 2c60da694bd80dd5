import { inject } from 'vitest';
import { caChecks } from '../catalogue/catalogue.ts';
import type { CaCheck } from '../catalogue/check.ts';
import type { Responders } from '../client/responders.ts';
import { AcmeSession } from '../client/session.ts';
import { createSigningKey, type ExternalAccount, type SigningKey } from '../client/signing-key.ts';
import type { Transport } from '../client/transport.ts';
import { startPebble } from '../loopback/pebble.ts';
import { startAllResponders, unansweredAddress } from '../responders/all-responders-fixture.ts';
import type { Conformance } from '../runner/conformance.ts';
import { runConformance } from '../runner/run-conformance.ts';

const domain = 'padlock.test';

/** A Pebble that finds what answers its challenges. */
export interface CheckedPebble extends AsyncDisposable {
  readonly directoryUrl: string;
  readonly trustedRoots: string;
  /** Runs every check, or only those that are given. @returns also the ids of those that failed or warned */
  check(ca: {
    readonly transport: Transport;
    /** Where it is not Pebble's own. */
    readonly directoryUrl?: string;
    readonly checks?: readonly CaCheck[];
    /** How much faster than real time it waits for Pebble, which decides at once; default 20: a busy machine needs some of its 90 s. */
    readonly haste?: number;
  }): Promise<{ readonly conformance: Conformance; readonly red: readonly string[] }>;
}

/** For tests: starts Pebble, which decides at once and refuses no good nonce, with responders for all challenges. */
export async function startCheckedPebble(externalAccount?: ExternalAccount): Promise<CheckedPebble> {
  await using started = new AsyncDisposableStack();
  const { responders, targets } = started.use(await startAllResponders(domain));
  const pebble = started.use(
    await startPebble({ ...targets, program: inject('serverPrograms').pebble, externalAccount }),
  );
  const held = started.move();
  let runs = 0;
  return {
    directoryUrl: pebble.directoryUrl,
    trustedRoots: pebble.trustedRootsPem,
    check: ({ transport, directoryUrl = pebble.directoryUrl, checks = caChecks, haste = 20 }) => {
      runs += 1;
      // What one run looked up and asked for is not to be seen by another.
      const ca = { transport, directoryUrl, externalAccount, responders, domain: `run-${runs}.${domain}` };
      return check(ca, checks, haste);
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

const keys = new Map<string, Promise<SigningKey>>();

/** RSA keys take long to make, and one will do for all runs: they are only used to look up accounts. */
const sharedKey: typeof createSigningKey = (algorithm, rsaBits) => {
  const key = keys.get(`${algorithm} ${rsaBits}`) ?? createSigningKey(algorithm, rsaBits);
  keys.set(`${algorithm} ${rsaBits}`, key);
  return key;
};

async function check(
  ca: {
    readonly transport: Transport;
    readonly directoryUrl: string;
    readonly externalAccount: ExternalAccount | undefined;
    readonly responders: Responders;
    readonly domain: string;
  },
  checks: readonly CaCheck[],
  haste: number,
) {
  const session = new AcmeSession({
    ...{ ...ca, userAgent: 'padlock/test', createKey: sharedKey, unreachableAddress: unansweredAddress },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms / haste)),
  });
  const { conformance } = await runConformance({
    ...{ session, padlockVersion: '0', profile: 'exhaustive', only: [], caBundle: true, checks },
  });
  if (conformance.error !== null) throw new Error(conformance.error);
  const red = conformance.checks.filter(({ verdict }) => verdict === 'failed' || verdict === 'warned');
  return { conformance, red: red.map(({ id }) => id) };
}
