import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'secret-in-other-namespace',
  title: "The Secret is in the application's namespace, and the gateway looks in its own",
  symptom: 'The Certificate is Ready, but port 443 closes the connection.',
  diagnosedAs: 'secret-in-other-namespace',
  verdict: /uses Secret istio-system\/fault, but the certificate is in \S+\/fault/,
  cure: {
    says: "Put the Certificate into the namespace of the gateway's Pods, or serve by a Gateway of the Gateway API with a ReferenceGrant.",
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
    isInGatewayNamespace: true,
  },
  upstream: ['istio/istio#27740'],
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['cluster-changes'],
    servesItself: true,
  },
});
