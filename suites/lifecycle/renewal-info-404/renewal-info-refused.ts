import { servingChecks } from '../../../src/checks/all-checks.ts';
import { accountRegistered } from '../../../src/checks/issuance/account-registered.ts';
import { secretHoldsIssuedCertificate } from '../../../src/checks/issuance/secret-holds-issued-certificate.ts';
import { noHandshakeFailed } from '../../../src/checks/renewal/no-handshake-failed.ts';
import { renewalInformationWasRefused } from '../../../src/checks/renewal/renewal-information-was-refused.ts';
import { renewedByTime } from '../../../src/checks/renewal/renewed-by-time.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { withCertManagerArguments } from '../../../src/suite/actions/cert-manager-arguments.ts';
import { useFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { endRenewals, untilRevision } from '../../../src/suite/actions/renewal.ts';
import { refuseRenewalInfo, untilRenewalInfoRefused } from '../../../src/suite/actions/renewal-info.ts';
import { probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { beginHandshakes } from '../../../src/suite/context/series.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { within } from '../../../src/suite/context/time-limits.ts';
import { type Scenario, scenario } from '../../../src/suite/scenario.ts';
import renewalByTime, { validitySeconds } from '../renewal-by-time/scenario.ts';

/** The CA refuses to say when to renew, and cert-manager renews by its own clock all the same. */
export function renewalInfoRefused(
  status: 404 | 500,
  words: { readonly title: string; readonly why: string },
): Scenario {
  const id = `renewal-info-${status}`;
  return scenario({
    id,
    ...words,
    expectation:
      "cert-manager's gate ACMEUseARI is on. It shows the refusal in the Certificate, does not ask again for an hour or more, and renews the leaf of 312 s by its own clock, 300 s before its end.",
    features: [
      ...(['http01', 'ingress-solver', 'istio-gateway', 'renewal-information', 'renewal-by-time'] as const),
      ...(['handshakes', 'further-ca', 'failure'] as const),
    ],
    changesClusterWide: 'restarts cert-manager with its feature gate ACMEUseARI and again without it',
    expects: { http: 'answers' },
    settings: {
      'profiles.default.validityPeriod of a Pebble of its own': `${validitySeconds}`,
      'PEBBLE_AUTHZREUSE of a Pebble of its own': '100',
      'feature gate ACMEUseARI of cert-manager': 'true',
    },
    manifests: renewalByTime.manifests,
    sharedNamespaces: ({ gateway }) => [gateway.namespace],
    timeLimitMs: 300_000,
    subject: servedByIngressGateway(id),
    async act(context) {
      const ca = await useFurtherCa(context, { validitySeconds, reusesAuthorizations: true, canFail: true });
      await refuseRenewalInfo(context, ca, status);
      await withCertManagerArguments(context, ['--feature-gates=ACMEUseARI=true'], async () => {
        await issueAndServe(context);
        beginHandshakes(context);
        await untilRenewalInfoRefused(context);
        await untilRevision(context, 2, within.renewedByTime);
        await endRenewals(context);
      });
    },
    observe: probeServedCertificate,
    checks: [
      accountRegistered,
      secretHoldsIssuedCertificate,
      ...servingChecks,
      plainHttpAnswers,
      renewalInformationWasRefused,
      renewedByTime,
      noHandshakeFailed,
    ],
  });
}
