import { servingChecks } from '../../../src/checks/all-checks.ts';
import { oldCertificateStaysServed } from '../../../src/checks/mesh/old-certificate-stays-served.ts';
import { noHandshakeFailed } from '../../../src/checks/renewal/no-handshake-failed.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { deleteObject } from '../../../src/suite/actions/deletion.ts';
import { storeInvalidSecrets } from '../../../src/suite/actions/invalid-secrets.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { beginHandshakes } from '../../../src/suite/context/series.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { scenario } from '../../../src/suite/scenario.ts';

export default scenario({
  id: 'invalid-secrets',
  title: 'A served Secret becomes invalid in five ways: the old certificate stays served',
  why: 'A Secret that a tool or a person damages must not take the site down at once: the gateway has a good certificate.',
  expectation:
    'The Certificate is deleted first, so that cert-manager does not repair its Secret. No handshake fails, and all get the certificate of before.',
  features: ['http01', 'ingress-solver', 'istio-gateway', 'invalid-secret', 'handshakes'],
  changesClusterWide: null,
  expects: { http: 'answers' },
  settings: {},
  manifests: import.meta.dirname,
  sharedNamespaces: ({ gateway }) => [gateway.namespace],
  timeLimitMs: 180_000,
  subject: servedByIngressGateway('invalid'),
  async act(context) {
    await issueAndServe(context);
    await deleteObject(context, {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      ...context.subject.certificate,
    });
    beginHandshakes(context);
    await storeInvalidSecrets(context);
  },
  observe: probeServedCertificate,
  checks: [...servingChecks, plainHttpAnswers, noHandshakeFailed, oldCertificateStaysServed],
});
