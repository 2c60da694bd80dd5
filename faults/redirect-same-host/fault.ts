import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'redirect-same-host',
  title: 'A Gateway redirects the host of the challenge to HTTPS',
  symptom: 'The Challenge stays pending, and port 80 answers 301.',
  diagnosedAs: 'redirect-same-host',
  verdict: /Gateway \S+\/redirecting redirects \S+ to HTTPS/,
  cure: {
    says: 'Remove httpsRedirect from the server of exactly that host; redirect the path / by a VirtualService instead.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  upstream: ['istio/istio#27643'],
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    isInGatewayNamespace: true,
    needs: ['cluster-changes'],
    servesItself: true,
    slowsOthers: 'while it lasts',
  },
});
