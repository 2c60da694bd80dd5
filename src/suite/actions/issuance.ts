import type { ScenarioContext } from '../context/context.ts';
import { probeUntilServed } from '../context/probes.ts';
import { untilCertificateReady, untilIssuerReady } from '../context/waits.ts';
import { serveApplication } from './application.ts';

/**
 * Issues by HTTP-01 beside the application and serves the certificate: `application.yaml`, `issuer.yaml`, `certificate.yaml` and
 * `gateway.yaml` of the scenario or of `fixtures/shared`. Returns once clients are served a certificate; the solver may still be there.
 *
 * @throws TimeoutError
 */
export async function issueAndServe(context: ScenarioContext): Promise<void> {
  await serveApplication(context);
  await context.applyIssuer('issuer.yaml');
  await untilIssuerReady(context);
  await context.apply('certificate.yaml');
  await untilCertificateReady(context);
  await context.apply('gateway.yaml');
  await probeUntilServed(context);
}
