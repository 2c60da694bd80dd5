import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'secret-in-other-namespace',
  title: "The Secret is in the application's namespace, and the gateway looks in its own",
  symptom: 'The Certificate is Ready, but port 443 closes the connection.',
  diagnosedAs: 'secret-in-other-namespace',
  verdict: /uses Secret istio-system\/fault, but the certificate is in \S+\/fault/,
  upstream: ['istio/istio#27740'],
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
