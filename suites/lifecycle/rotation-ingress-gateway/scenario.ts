import { handshakeChecks, servingChecks } from '../../../src/checks/all-checks.ts';
import { accountRegistered } from '../../../src/checks/issuance/account-registered.ts';
import { secretHoldsIssuedCertificate } from '../../../src/checks/issuance/secret-holds-issued-certificate.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { useFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { renewCertificate } from '../../../src/suite/actions/renewal.ts';
import { probeServedCertificate, probeUntilSecretIsServed } from '../../../src/suite/context/probes.ts';
import { beginHandshakes, beginOpenConnection } from '../../../src/suite/context/series.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import { isExhaustive } from '../../../src/test/exhaustive.ts';

/** Each takes about a second: the CA uses the authorization again, so that only what comes after the challenge is repeated. */
const rotations = isExhaustive ? 100 : 10;

export default scenario({
  id: 'rotation-ingress-gateway',
  title: `${rotations} rotations in a row at the Istio ingress gateway, with a client that connects every 20 ms`,
  why: 'A certificate is replaced many times in the life of a gateway: none of the times may lose a handshake or leave an old certificate served.',
  expectation: 'No handshake fails, each new leaf is served within 5 s, and an open connection goes on.',
  features: ['http01', 'ingress-solver', 'istio-gateway', 'renewal', 'handshakes', 'further-ca'],
  changesClusterWide: null,
  expects: { http: 'answers' },
  settings: { 'PEBBLE_AUTHZREUSE of a Pebble of its own': '100' },
  manifests: import.meta.dirname,
  sharedNamespaces: ({ gateway }) => [gateway.namespace],
  timeLimitMs: 120_000 + rotations * 10_000,
  subject: servedByIngressGateway('rotation'),
  async act(context) {
    await useFurtherCa(context, { reusesAuthorizations: true });
    await issueAndServe(context);
    beginHandshakes(context);
    beginOpenConnection(context);
    await renewCertificate(context, rotations);
    await probeUntilSecretIsServed(context);
  },
  observe: probeServedCertificate,
  checks: [accountRegistered, secretHoldsIssuedCertificate, ...servingChecks, plainHttpAnswers, ...handshakeChecks],
});
