import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'gateway-selects-other-pods',
  title: 'The selector of the Gateway does not match the Pods of the gateway',
  symptom: 'The Certificate is Ready, but port 443 closes the connection.',
  diagnosedAs: 'gateway-selects-other-pods',
  verdict: /Gateway \S+\/web/,
  cure: {
    says: "Set selector of the Gateway to the labels of the gateway's Pods.",
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  upstream: ['istio/istio#37329'],
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    isInGatewayNamespace: true,
    needs: ['cluster-changes'],
    servesItself: true,
  },
});
