import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'gateway-demands-token',
  title: 'The gateway demands a token for everything, the challenge path included',
  symptom: "The Challenge says: wrong status code '403', expected '200'.",
  diagnosedAs: 'gateway-refuses',
  verdict:
    /itself answers the challenge path with 403; AuthorizationPolicy istio-system\/fault-token-only \(action DENY\) refuses it/,
  cure: {
    says: 'Leave /.well-known/acme-challenge/* out of the AuthorizationPolicy, by notPaths.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), needs: ['cluster-changes'] },
});
