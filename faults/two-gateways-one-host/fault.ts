import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'two-gateways-one-host',
  title: 'Two Gateways have the same host on the same port',
  symptom: 'The Certificate is Ready, and the host serves another one.',
  diagnosedAs: 'host-claimed-twice',
  verdict:
    /Gateway \S+\/a-older has the host \S+ on port 443 too and (is older|comes first by its name), so Istio ignores Gateway \S+\/b-newer for it; served is the certificate of Secret \S+-old/,
  cure: {
    says: 'Take the host away from the older Gateway, or set its credentialName to the new Secret.',
    steps: [
      {
        remove: {
          apiVersion: 'networking.istio.io/v1',
          kind: 'Gateway',
          namespace: namespaceOfFault(),
          name: 'a-older',
        },
      },
    ],
  },
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    isInGatewayNamespace: true,
    needs: ['cluster-changes'],
    servesItself: true,
  },
});
