import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'cluster-issuer-secret-elsewhere',
  title: 'The Secret of a ClusterIssuer is in the namespace of the Certificate',
  symptom: 'The ClusterIssuer is not Ready: failed to get secret, not found.',
  diagnosedAs: 'issuer-secret-missing',
  verdict:
    /ClusterIssuer \S+ names Secret \S+-tsig \(tsigSecretSecretRef\), which does not exist in \S+, where cert-manager looks for the Secrets of every ClusterIssuer/,
  cure: {
    says: 'Put the Secrets that a ClusterIssuer names into the cluster resource namespace of cert-manager, or use an Issuer.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['dns01', 'cluster-changes'],
  },
});
