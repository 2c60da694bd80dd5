import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'key-may-not-change',
  title: 'The Certificate asks for another kind of key than its Secret has, and its rotationPolicy is Never',
  symptom: 'The Certificate stays Issuing, and no CertificateRequest is made.',
  diagnosedAs: 'key-may-not-change',
  verdict:
    /the private key in Secret fault is not the one that Certificate \S+ asks for \(spec\.privateKey\.algorithm\), and cert-manager may not make another/,
  cure: {
    says: 'Set spec.privateKey.rotationPolicy of the Certificate to Always.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  upstream: ['cert-manager/cert-manager#5183'],
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
  },
});
