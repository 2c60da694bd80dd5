import { caIssuanceChecks } from '../../src/checks/all-checks.ts';
import { pointHostAtGateway } from '../../src/suite/actions/host-addresses.ts';
import { untilIssuerReady } from '../../src/suite/context/waits.ts';
import { scenario } from '../../src/suite/scenario.ts';
import { byOwnGateway, ownGatewayChecks, untilIssued } from './own-gateway.ts';

/** A gateway of its own, whose address no other scenario has. */
export const ipAddress = scenario({
  ...byOwnGateway,
  id: 'ip-address',
  title: 'An IPv4 address by HTTP-01, served without SNI',
  why: 'A certificate for an address is validated and served without any name (RFC 8738): no route and no listener may need one.',
  features: ['http01', 'gateway-httproute-solver', 'gateway-api', 'ip-address'],
  async act(context) {
    await context.apply('gateway-ip-http.yaml');
    await pointHostAtGateway(context);
    const { gatewayAddress: address } = context;
    if (address === null) throw new Error('the gateway has no address');
    context.subject.host = address;
    await context.applyIssuer('issuer-gateway.yaml');
    await untilIssuerReady(context);
    await context.apply('certificate-ip.yaml', { address });
    await untilIssued(context);
    await context.apply('gateway-ip.yaml');
  },
  checks: [...caIssuanceChecks, ...ownGatewayChecks],
});
