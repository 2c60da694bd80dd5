import { servingChecks } from '../../../src/checks/all-checks.ts';
import { accountRecovered } from '../../../src/checks/issuance/account-recovered.ts';
import { certificateRenewed } from '../../../src/checks/issuance/certificate-renewed.ts';
import { chainInSecretEndsAtTheCasRoot } from '../../../src/checks/issuance/chain-in-secret-ends-at-the-cas-root.ts';
import { secretHoldsIssuedCertificate } from '../../../src/checks/issuance/secret-holds-issued-certificate.ts';
import { rootOfSecretChanged } from '../../../src/checks/lifecycle/root-of-secret-changed.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { loseAccountKey } from '../../../src/suite/actions/account-key.ts';
import { replaceFurtherCa, useFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { renewCertificate } from '../../../src/suite/actions/renewal.ts';
import { probeUntilSecretIsServed } from '../../../src/suite/context/probes.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import rotationIngressGateway from '../rotation-ingress-gateway/scenario.ts';

export default scenario({
  ...rotationIngressGateway,
  id: 'ca-root-changed',
  title:
    'The CA is set up anew, with another root and without its accounts: the next renewal is served under that root',
  why: 'A private CA changes its root, or is lost and set up again. The account of before is gone with it, and so is the trust in what is still served.',
  expectation:
    'The Secret of the account key is deleted, so that cert-manager registers another account; the renewal then ends at the new root, from the Secret to the client.',
  features: ['http01', 'ingress-solver', 'istio-gateway', 'renewal', 'account-recovery', 'further-ca'],
  settings: {},
  timeLimitMs: 240_000,
  subject: servedByIngressGateway('root-changed'),
  async act(context) {
    const ca = await useFurtherCa(context, {});
    await issueAndServe(context);
    await untilSolverGone(context);
    await replaceFurtherCa(context, ca);
    await loseAccountKey(context);
    await renewCertificate(context);
    await untilSolverGone(context);
    await probeUntilSecretIsServed(context);
  },
  checks: [
    accountRecovered,
    secretHoldsIssuedCertificate,
    chainInSecretEndsAtTheCasRoot,
    certificateRenewed,
    rootOfSecretChanged,
    ...servingChecks,
    plainHttpAnswers,
  ],
});
