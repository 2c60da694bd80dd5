import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { serveApplication } from '../../../src/suite/actions/application.ts';
import type { ScenarioContext } from '../../../src/suite/context/context.ts';
import { probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { untilCertificateReady, untilIssuerReady, untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';

/** Issues the certificate and serves it by a Gateway of a mode that asks clients for one. */
export async function serveInMode(context: ScenarioContext, tlsMode: 'MUTUAL' | 'OPTIONAL_MUTUAL'): Promise<void> {
  await serveApplication(context);
  await context.applyIssuer('issuer.yaml');
  await untilIssuerReady(context);
  await context.apply('certificate.yaml');
  await untilCertificateReady(context);
  await untilSolverGone(context);
  // Any root will do: no client shows a certificate.
  const clientRoot = JSON.stringify(context.parts.foreignRoot);
  await context.apply('gateway.yaml', { clientRoot, tlsMode });
}

export default scenario({
  id: 'tls-mode-optional-mutual',
  title: 'A Gateway of mode OPTIONAL_MUTUAL serves the certificate to clients without one',
  why: 'The CA of the clients is in a Secret beside the certificate; neither may get in the way of the other, nor of the challenge.',
  features: ['http01', 'ingress-solver', 'istio-gateway', 'client-certificates'],
  changesClusterWide: null,
  expects: { http: 'answers' },
  settings: {},
  manifests: import.meta.dirname,
  sharedNamespaces: ({ gateway }) => [gateway.namespace],
  timeLimitMs: 120_000,
  subject: servedByIngressGateway('optional-mutual'),
  act: (context) => serveInMode(context, 'OPTIONAL_MUTUAL'),
  observe: probeServedCertificate,
  checks: goodPathChecks,
});
