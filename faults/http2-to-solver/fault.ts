import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'http2-to-solver',
  title: 'A DestinationRule makes the gateway speak HTTP/2 to the solver, which speaks HTTP/1.1',
  symptom: "The Challenge says: wrong status code '502', expected '200'.",
  diagnosedAs: 'solver-unreachable',
  verdict: /gets no answer from it \(.*\), as DestinationRule \S+\/http2-for-all makes it speak HTTP\/2 to the solver/,
  cure: {
    says: 'Take h2UpgradePolicy away from the DestinationRule, or let its host not cover the Services of solvers.',
    steps: [
      {
        remove: {
          apiVersion: 'networking.istio.io/v1',
          kind: 'DestinationRule',
          namespace: namespaceOfFault(),
          name: 'http2-for-all',
        },
      },
    ],
  },
  upstream: ['istio/istio#39566'],
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
