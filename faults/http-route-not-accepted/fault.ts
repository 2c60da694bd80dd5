import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'http-route-not-accepted',
  title: "The solver's HTTPRoute names a Gateway that takes no routes from other namespaces",
  symptom: 'The Challenge stays pending, and the Gateway never gets a route for it.',
  diagnosedAs: 'http-route-not-accepted',
  verdict: /is not attached to Gateway \S+\/shared: Accepted is False, NotAllowedByListeners/,
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
