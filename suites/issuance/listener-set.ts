import { caIssuanceChecks } from '../../src/checks/all-checks.ts';
import { certificateOfShim } from '../../src/checks/issuance/certificate-of-shim.ts';
import { withCertManagerArguments } from '../../src/suite/actions/cert-manager-arguments.ts';
import { pointHostAtGateway } from '../../src/suite/actions/host-addresses.ts';
import { untilIssuerReady } from '../../src/suite/context/waits.ts';
import { scenario } from '../../src/suite/scenario.ts';
import { byOwnGateway, ownGatewayChecks, untilIssued } from './own-gateway.ts';

/** Both are needed: the gate admits the controller, the option starts it. */
const listenerSets = ['--feature-gates=ListenerSets=true', '--enable-gateway-api-listenerset=true'];

/** A listener that is not in the Gateway, with the certificate that it asks for: nobody applies a Certificate. */
export const listenerSet = scenario({
  ...byOwnGateway,
  id: 'listener-set',
  title: 'A ListenerSet with the annotation cert-manager.io/issuer adds an HTTPS listener to a Gateway, served',
  why: "A team adds listeners to the Gateway of a platform without touching it (Gateway API v1.5): the challenge comes through the platform's listener, the certificate is that of the team.",
  features: ['http01', 'gateway-httproute-solver', 'gateway-api', 'annotation', 'listener-set'],
  changesClusterWide: 'restarts cert-manager with its feature gate ListenerSets and again without it',
  settings: {
    'feature gate ListenerSets of cert-manager': 'true',
    'gatewayAPIConfig.enableListenerSet of cert-manager': 'true',
  },
  async act(context) {
    await withCertManagerArguments(context, listenerSets, async () => {
      await context.applyIssuer('issuer-gateway.yaml');
      await untilIssuerReady(context);
      await context.apply('listener-set.yaml');
      await pointHostAtGateway(context);
      await untilIssued(context);
    });
  },
  checks: [...caIssuanceChecks, certificateOfShim, ...ownGatewayChecks],
});
