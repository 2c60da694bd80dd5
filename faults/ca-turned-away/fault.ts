import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'ca-turned-away',
  title: "A policy of the gateway turns the CA's own request away",
  symptom: 'The self-check passes, and the CA says: 403 unauthorized.',
  diagnosedAs: 'gateway-refuses-ca',
  verdict: /was answered 403 there; AuthorizationPolicy istio-system\/fault-known-clients/,
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
