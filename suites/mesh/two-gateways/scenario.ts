import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { secondGatewayServesTheSecret } from '../../../src/checks/mesh/second-gateway-serves-the-secret.ts';
import { addressOfGateway } from '../../../src/suite/actions/host-addresses.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { probeSecondGateway, probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import http01GatewayApi from '../../core/http01-gateway-api/scenario.ts';

export default scenario({
  ...http01GatewayApi,
  id: 'two-gateways',
  title: 'Two gateways serve one Secret; the challenge comes through one of them',
  why: 'A site that is served inside and outside has two gateways and one certificate: both must have it, and the solver must be where the CA looks.',
  features: [...http01GatewayApi.features, 'two-gateways'],
  manifests: import.meta.dirname,
  timeLimitMs: 180_000,
  async act(context) {
    // Before there is a certificate: such a listener waits for the Secret.
    await context.apply('internal.yaml');
    await issueAndServe(context);
    const { namespace } = context.parts.names;
    const address = await addressOfGateway(context, { namespace, name: 'internal-istio' });
    await probeSecondGateway(context, address);
    await untilSolverGone(context);
  },
  observe: probeServedCertificate,
  checks: [...goodPathChecks, secondGatewayServesTheSecret],
});
