import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { serveApplication } from '../../../src/suite/actions/application.ts';
import { probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { untilCertificateReady, untilIssuerReady, untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';

export default scenario({
  id: 'http01-gateway-api',
  title: 'HTTP-01 over a Gateway API HTTPRoute, Gateway of class istio',
  why: 'The same issuance with the Gateway API: the solver attaches an HTTPRoute to the Gateway that will serve the certificate.',
  features: ['http01', 'gateway-httproute-solver', 'gateway-api'],
  changesClusterWide: null,
  expects: { http: 'answers' },
  // Self-check included: it costs no time beside http01-ingress, and cert-manager 1.21 may call a Challenge that it did not
  // check `expired` when the CA was faster (see docs/decisions/0005).
  settings: {},
  manifests: import.meta.dirname,
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
  async act(context) {
    await serveApplication(context);
    await context.applyIssuer('issuer.yaml');
    await untilIssuerReady(context);
    await context.apply('certificate.yaml');
    await untilCertificateReady(context);
    await untilSolverGone(context);
    await context.apply('gateway.yaml');
  },
  observe: probeServedCertificate,
  checks: goodPathChecks,
});
