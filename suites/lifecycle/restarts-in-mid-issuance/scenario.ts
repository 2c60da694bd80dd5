import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { serveApplication } from '../../../src/suite/actions/application.ts';
import { platformDeployments, restart } from '../../../src/suite/actions/components-of-cluster.ts';
import { untilPresented } from '../../../src/suite/actions/deletion.ts';
import { useFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { pointHostAtGateway } from '../../../src/suite/actions/host-addresses.ts';
import { probeServedCertificate, probeUntilServed } from '../../../src/suite/context/probes.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import {
  untilCertificateReady,
  untilIssuerReady,
  untilOrder,
  untilSolverGone,
} from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';

export default scenario({
  id: 'restarts-in-mid-issuance',
  title: 'CA, cert-manager, istiod and the gateway restart in mid-issuance, and the last two once more afterwards',
  why: 'An upgrade or a node that goes down meets some issuance in the middle: it must complete without anybody, and the certificate must be served by what comes up.',
  expectation:
    'The CA does not answer while the Order is made, and cert-manager restarts then; with the Challenge presented, cert-manager, istiod and the gateway restart. The issuance completes all the same.',
  features: ['http01', 'ingress-solver', 'istio-gateway', 'restarts', 'further-ca'],
  changesClusterWide: 'restarts cert-manager, istiod and the ingress gateway',
  expects: { http: 'answers' },
  settings: {},
  manifests: import.meta.dirname,
  sharedNamespaces: ({ gateway }) => [gateway.namespace],
  timeLimitMs: 420_000,
  subject: servedByIngressGateway('restarts'),
  async act(context) {
    const ca = await useFurtherCa(context, {});
    const { certManager, istiod, gateway } = platformDeployments(context);
    const { environment, names } = context.parts;
    await serveApplication(context);
    await context.applyIssuer('issuer.yaml');
    await untilIssuerReady(context);
    // The Challenge waits while the host has no address.
    await environment.setAddresses(names.host, []);
    ca.pause();
    try {
      await context.apply('certificate.yaml');
      await untilOrder(context);
      await restart(context, certManager);
    } finally {
      ca.resume();
    }
    await untilPresented(context);
    await restart(context, certManager, istiod, gateway);
    await pointHostAtGateway(context);
    await untilCertificateReady(context);
    await untilSolverGone(context);
    await context.apply('gateway.yaml');
    await probeUntilServed(context);
    await restart(context, istiod, gateway);
    await probeUntilServed(context);
  },
  observe: probeServedCertificate,
  checks: goodPathChecks,
});
