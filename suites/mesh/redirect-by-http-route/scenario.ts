import { http01Checks, issuanceChecks, servingChecks } from '../../../src/checks/all-checks.ts';
import { plainHttpRedirects } from '../../../src/checks/serving/plain-http-redirects.ts';
import { serveApplication } from '../../../src/suite/actions/application.ts';
import { untilCertificateReady, untilIssuerReady, untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import http01GatewayApi from '../../core/http01-gateway-api/scenario.ts';

export default scenario({
  ...http01GatewayApi,
  id: 'redirect-by-http-route',
  title: "HTTP-01 beside an HTTPRoute that redirects all users to https, on the solver's own listener",
  why: "The solver's route has an exact path, so it must win over a redirect of everything; otherwise renewals fail weeks later.",
  expects: { http: 'redirect' },
  manifests: import.meta.dirname,
  async act(context) {
    await serveApplication(context);
    await context.applyIssuer('issuer.yaml');
    await untilIssuerReady(context);
    await context.apply('certificate.yaml');
    await untilCertificateReady(context);
    await untilSolverGone(context);
    await context.apply('gateway.yaml');
    await context.apply('https-route.yaml');
  },
  checks: [...issuanceChecks, ...http01Checks, ...servingChecks, plainHttpRedirects],
});
