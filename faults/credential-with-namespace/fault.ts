import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'credential-with-namespace',
  title: 'credentialName of an Istio Gateway has a namespace',
  symptom: 'The Certificate is Ready, but port 443 closes the connection.',
  diagnosedAs: 'credential-of-other-namespace',
  verdict: /credentialName \S+\/fault of Gateway \S+\/web is refused, and no ReferenceGrant changes that/,
  cure: {
    says: "Put the Certificate into the namespace of the gateway's Pods and name the Secret without a namespace, or serve by a Gateway of the Gateway API with a ReferenceGrant.",
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
    isInGatewayNamespace: true,
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['cluster-changes'],
    servesItself: true,
  },
});
