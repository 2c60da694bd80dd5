import { caIssuanceChecks } from '../../src/checks/all-checks.ts';
import { certificateOfShim } from '../../src/checks/issuance/certificate-of-shim.ts';
import { pointHostAtGateway } from '../../src/suite/actions/host-addresses.ts';
import { untilIssuerReady } from '../../src/suite/context/waits.ts';
import { scenario } from '../../src/suite/scenario.ts';
import { byOwnGateway, ownGatewayChecks, untilIssued } from './own-gateway.ts';

/** The whole by one Gateway of the Gateway API: nobody applies a Certificate. */
export const gatewayAnnotation = scenario({
  ...byOwnGateway,
  id: 'gateway-annotation',
  title: 'A Gateway with the annotation cert-manager.io/issuer, and listeners of other protocols, served',
  why: 'gateway-shim makes the Certificate for the HTTPS listener; listeners of TLS passthrough and TCP beside it must not keep it from that.',
  features: ['http01', 'gateway-httproute-solver', 'gateway-api', 'annotation'],
  async act(context) {
    await context.applyIssuer('issuer-gateway.yaml');
    await untilIssuerReady(context);
    await context.apply('gateway-annotated.yaml');
    await pointHostAtGateway(context);
    await untilIssued(context);
  },
  checks: [...caIssuanceChecks, certificateOfShim, ...ownGatewayChecks],
});
