import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'host-does-not-resolve',
  title: 'The host name has no address',
  symptom: 'The Challenge stays pending.',
  diagnosedAs: 'host-does-not-resolve',
  verdict: /has no address/,
  cure: {
    says: 'Give the host name the address of the ingress gateway.',
    steps: [{ pointHostAt: 'gateway' }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), address: 'nowhere', needs: ['any-address'] },
});
