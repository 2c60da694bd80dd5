import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { serveApplication } from '../../../src/suite/actions/application.ts';
import { probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { untilCertificateReady, untilIssuerReady, untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';

export default scenario({
  id: 'http01-ingress',
  title: 'HTTP-01 over an Ingress of class istio',
  why: 'The gateway has no route for the challenge: cert-manager adds one as an Ingress and removes it afterwards.',
  features: ['http01', 'ingress-solver', 'istio-gateway'],
  changesClusterWide: null,
  expects: { http: 'answers' },
  // cert-manager's defaults, self-check included: about 18 s of the issuance are its own waits.
  settings: {},
  manifests: import.meta.dirname,
  sharedNamespaces: ({ gateway, applicationNamespace }) => [gateway.namespace, applicationNamespace],
  timeLimitMs: 120_000,
  subject: ({ host, gateway: { namespace, service }, applicationNamespace, suffix }) => ({
    host,
    issuer: { namespace, name: `letsencrypt-prod-issuer${suffix}` },
    certificate: { namespace, name: `istio-ingressgateway-certs${suffix}` },
    secret: { namespace, name: `istio-ingressgateway-certs${suffix}` },
    solver: 'ingress',
    gateway: { namespace, name: service },
    application: { service: `httpbin.${applicationNamespace}.svc.cluster.local`, port: 8000 },
  }),
  async act(context) {
    await serveApplication(context);
    await context.applyIssuer('issuer.yaml');
    await untilIssuerReady(context);
    await context.apply('certificate.yaml');
    await untilCertificateReady(context);
    await untilSolverGone(context);
    await context.apply('gateway.yaml');
    await context.apply('virtual-service.yaml');
  },
  observe: probeServedCertificate,
  checks: goodPathChecks,
});
