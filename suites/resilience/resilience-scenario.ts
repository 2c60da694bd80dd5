import { setTimeout as delay } from 'node:timers/promises';
import { certificateRenewed } from '../../src/checks/issuance/certificate-renewed.ts';
import { noHandshakeFailed } from '../../src/checks/renewal/no-handshake-failed.ts';
import { recoversByItself } from '../../src/checks/renewal/recovers-by-itself.ts';
import { actionNames } from '../../src/evidence/action-names.ts';
import { TimeoutError } from '../../src/kube/until.ts';
import { useFurtherCa } from '../../src/suite/actions/further-ca.ts';
import { useFurtherNameServer } from '../../src/suite/actions/further-name-server.ts';
import { issueAndServe } from '../../src/suite/actions/issuance.ts';
import {
  askForRenewal,
  untilIssuanceEnded,
  untilRenewedOrGivenUp,
  untilRevision,
} from '../../src/suite/actions/renewal.ts';
import type { ScenarioContext } from '../../src/suite/context/context.ts';
import { probeForDiagnosis } from '../../src/suite/context/probes.ts';
import { beginHandshakes } from '../../src/suite/context/series.ts';
import { servedByIngressGateway } from '../../src/suite/context/served-subject.ts';
import { within } from '../../src/suite/context/time-limits.ts';
import { type Scenario, scenario } from '../../src/suite/scenario.ts';
import type { Failure, HowItFails } from './failure.ts';

/** A client that connects so often sees each outage that a person could notice. */
const handshakeEveryMs = 50;

/** A certificate is served and then renewed, and during the renewal a part fails and comes back. */
export function resilienceScenario(failure: Failure): Scenario {
  const { id, link, title, how, changesClusterWide, servedAllAlong, recovery = 'by-itself', features = [] } = failure;
  return scenario({
    id,
    title: `${title}, during a renewal`,
    why: 'What fails for a while should not need a person afterwards, and whoever is served must not notice.',
    features: [
      ...(['http01', 'ingress-solver', 'istio-gateway', 'renewal', 'failure'] as const),
      ...('begin' in how ? [] : (['further-ca'] as const)),
      ...('nameServer' in how ? (['further-name-server'] as const) : []),
      ...features,
    ],
    changesClusterWide,
    expects: { http: 'answers', recovery },
    settings: {},
    manifests: import.meta.dirname,
    sharedNamespaces: ({ gateway }) => [gateway.namespace],
    timeLimitMs: 480_000,
    subject: servedByIngressGateway(id),
    async act(context) {
      const begin = await prepared(context, how);
      await issueAndServe(context);
      await untilIssuanceEnded(context, 1);
      beginHandshakes(context, handshakeEveryMs);
      if (failure.beginsBefore !== true) await askForRenewal(context);
      const end = await begin();
      context.note(actionNames.failureBegins, `${id} (${link}): ${title}`);
      try {
        if (failure.beginsBefore === true) await askForRenewal(context);
        // The failure itself.
        await delay(failure.lastsMs, undefined, { signal: context.parts.signal });
        await lookMeanwhile(context);
      } finally {
        await end();
        context.note(actionNames.failureEnds, id);
      }
      await recover(context, failure);
    },
    async observe() {},
    checks: [recoversByItself, certificateRenewed, ...(servedAllAlong ? [noHandshakeFailed] : [])],
  });
}

/** An API server that hangs does not answer for a minute, and must not make the failure last that long. */
async function lookMeanwhile(context: ScenarioContext): Promise<void> {
  const looked = probeForDiagnosis(context).catch(() => {});
  const limit = new AbortController();
  await Promise.race([looked, delay(within.lookMeanwhile, undefined, { signal: limit.signal })]);
  limit.abort();
}

/** Starts what can fail. @returns what begins the failure, which returns what ends it */
async function prepared(context: ScenarioContext, how: HowItFails): Promise<() => Promise<() => Promise<void>>> {
  if ('begin' in how) {
    // Its log then has the requests of this scenario alone.
    const ca = context.capabilities.furtherCa ? await useFurtherCa(context, {}) : null;
    return () => how.begin(context, ca);
  }
  if ('ca' in how) {
    const further = await useFurtherCa(context, { canFail: true });
    return async () => {
      await further.fail(how.ca);
      return () => further.fail(null);
    };
  }
  const server = await useFurtherNameServer(context);
  await useFurtherCa(context, { nameServer: `${server.address}:${server.port}` });
  return async () => {
    await server.fail(how.nameServer);
    return () => server.fail(null);
  };
}

/** Waits for the renewal; where it does not come, does what a person would do, and waits again. @throws TimeoutError */
async function recover(context: ScenarioContext, { cure }: Failure): Promise<void> {
  const limit = cure === undefined ? within.recovered : within.curedByItself;
  const result = await untilRenewedOrGivenUp(context, limit).catch((error: unknown) => {
    if (error instanceof TimeoutError && cure !== undefined) return 'stuck' as const;
    throw error;
  });
  if (result === 'renewed') return;
  if (cure !== undefined) {
    context.note(actionNames.cure, cure.words);
    await cure.act(context);
  }
  if (result === 'given-up') await askForRenewal(context);
  await untilRevision(context, 2, within.recovered);
}
