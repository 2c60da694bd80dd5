import { join } from 'node:path';
import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { challengeWaitsForTheCure } from '../../../src/checks/http-01/challenge-waits-for-the-cure.ts';
import { tokenIsDemanded } from '../../../src/checks/mesh/token-is-demanded.ts';
import { serveApplication } from '../../../src/suite/actions/application.ts';
import { misconfigureUntilSeen } from '../../../src/suite/actions/misconfiguration.ts';
import { probeWithTokens, tokenIssuer } from '../../../src/suite/actions/tokens.ts';
import { probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { untilCertificateReady, untilIssuerReady, untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import http01GatewayApi from '../../core/http01-gateway-api/scenario.ts';

export default scenario({
  ...http01GatewayApi,
  id: 'token-demanded-but-for-challenge',
  title: 'The gateway demands a token (RequestAuthentication, AuthorizationPolicy): of all but the challenge',
  why: 'Neither the CA nor cert-manager has a token. A policy that forgets the challenge path lets the certificate expire weeks later.',
  expectation:
    "With a policy that forgets the challenge path, the Challenge must wait with wrong status code '403'; with one that leaves it out, the issuance must complete, and users need a token all the same.",
  features: [...http01GatewayApi.features, 'authorization', 'fault'],
  manifests: import.meta.dirname,
  timeLimitMs: 180_000,
  async act(context) {
    const tokens = await tokenIssuer(context);
    await serveApplication(context);
    await context.apply('authentication.yaml', tokens.placeholders);
    await context.applyIssuer('issuer.yaml');
    await untilIssuerReady(context);
    await misconfigureUntilSeen(
      context,
      {
        file: join(import.meta.dirname, 'forgotten.yaml'),
        kind: 'AuthorizationPolicy',
        reason: "wrong status code '403', expected '200'",
      },
      () => context.apply('certificate.yaml'),
    );
    await untilCertificateReady(context);
    await untilSolverGone(context);
    await context.apply('gateway.yaml');
    await probeWithTokens(context, tokens);
  },
  observe: probeServedCertificate,
  checks: [challengeWaitsForTheCure, tokenIsDemanded, ...goodPathChecks],
});
