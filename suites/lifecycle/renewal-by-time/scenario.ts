import { issuanceChecks, renewalByTimeChecks, servingChecks } from '../../../src/checks/all-checks.ts';
import { challengeRoutedThroughGateway } from '../../../src/checks/http-01/challenge-routed-through-gateway.ts';
import { solverLeftNothing } from '../../../src/checks/http-01/solver-left-nothing.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { useFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { endRenewals, untilRevision } from '../../../src/suite/actions/renewal.ts';
import { probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { beginHandshakes, beginOpenConnection } from '../../../src/suite/context/series.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { within } from '../../../src/suite/context/time-limits.ts';
import { untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';

/** cert-manager demands a renewBefore of at least 300 s, so that this leaf is due after 12 s. */
export const validitySeconds = 312;
/** Renewals that are waited for. */
export const renewals = 3;

export default scenario({
  id: 'renewal-by-time',
  title: 'Three renewals by time, with a client that connects every 20 ms',
  why: 'Renewal is what runs unattended: cert-manager must start it by its own clock, the challenge must pass beside the running site, and no client may notice.',
  expectation:
    'Leaves that live for 312 s are renewed 300 s before their end, each by a challenge of its own; no handshake fails, each new leaf is served within 5 s, and an open connection goes on.',
  features: ['http01', 'ingress-solver', 'istio-gateway', 'renewal-by-time', 'handshakes', 'further-ca'],
  changesClusterWide: null,
  expects: { http: 'answers' },
  settings: { 'profiles.default.validityPeriod of a Pebble of its own': `${validitySeconds}` },
  manifests: import.meta.dirname,
  sharedNamespaces: ({ gateway }) => [gateway.namespace],
  timeLimitMs: 300_000,
  subject: servedByIngressGateway('renewal-by-time'),
  async act(context) {
    await useFurtherCa(context, { validitySeconds });
    await issueAndServe(context);
    beginHandshakes(context);
    beginOpenConnection(context);
    for (let revision = 2; revision <= renewals + 1; revision += 1)
      await untilRevision(context, revision, within.renewedByTime);
    await endRenewals(context);
    await untilSolverGone(context);
  },
  observe: probeServedCertificate,
  checks: [
    ...issuanceChecks,
    challengeRoutedThroughGateway,
    solverLeftNothing,
    ...servingChecks,
    plainHttpAnswers,
    ...renewalByTimeChecks,
  ],
});
