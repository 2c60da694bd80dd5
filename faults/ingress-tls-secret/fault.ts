import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'ingress-tls-secret',
  title: "The tls Secret of an Ingress is not in the namespace of the gateway's Pods",
  symptom: 'The Certificate is Ready, but port 443 closes the connection.',
  diagnosedAs: 'ingress-tls-in-other-namespace',
  verdict:
    /Istio takes the secretName of Ingress \S+\/web from the namespace of its gateway's Pods: istio-system\/fault, which is not there/,
  cure: {
    says: "Put the Certificate into the namespace of the gateway's Pods and name its Secret in the Ingress, or serve by a Gateway instead of the tls of the Ingress.",
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
    isInGatewayNamespace: true,
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['cluster-changes'],
    servesItself: true,
  },
});
