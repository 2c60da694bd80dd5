import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'redirect-same-host',
  title: 'A Gateway redirects the host of the challenge to HTTPS',
  symptom: 'The Challenge stays pending, and port 80 answers 301.',
  diagnosedAs: 'redirect-same-host',
  verdict: /Gateway \S+\/redirecting redirects \S+ to HTTPS/,
  upstream: ['istio/istio#27643'],
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), slowsOthers: 'while it lasts' },
});
