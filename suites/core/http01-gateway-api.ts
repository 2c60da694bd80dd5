import { goodPathChecks } from '../../src/checks/all-checks.ts';
import { scenario } from '../../src/suite/scenario.ts';

export default scenario({
  id: 'http01-gateway-api',
  title: 'HTTP-01 over a Gateway API HTTPRoute, Gateway of class istio',
  why: 'The same issuance by the Gateway API: the solver attaches an HTTPRoute to the Gateway that will serve the certificate.',
  features: ['http01', 'gateway-httproute-solver', 'gateway-api'],
  changesClusterWide: null,
  // Self-check included: the wait costs nothing beside http01-ingress, and cert-manager 1.21 may call a Challenge that it
  // did not check `expired` when the CA was faster (see docs/decisions/0005).
  settings: {},
  manifests: 'http01-gateway-api',
  sharedNamespaces: () => [],
  timeLimitMs: 120_000,
  subject: ({ host, namespace }) => ({
    host,
    issuer: { namespace, name: 'letsencrypt-prod-issuer' },
    certificate: { namespace, name: 'httpbin-certs' },
    secret: { namespace, name: 'httpbin-certs' },
    solver: 'gateway-httproute',
    // istiod names what it deploys for a Gateway <gateway>-<class>.
    gateway: { namespace, name: 'httpbin-istio' },
    application: { service: `httpbin.${namespace}.svc.cluster.local`, port: 8000 },
  }),
  async act(stage) {
    await stage.deployHttpbin();
    await stage.apply('application.yaml');
    await stage.pointHostAtGateway();
    await stage.probeUntilApplicationAnswers();
    await stage.probeChallengePath();
    await stage.applyIssuer('issuer.yaml');
    await stage.untilReady('Issuer');
    await stage.apply('certificate.yaml');
    await stage.untilReady('Certificate');
    await stage.untilSolverGone();
    await stage.apply('gateway.yaml');
  },
  observe: (stage) => stage.probeServedCertificate(),
  checks: goodPathChecks,
});
