import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'gateway-without-rights',
  title: 'The ServiceAccount of a gateway may not read Secrets',
  symptom: 'The Certificate is Ready, but port 443 closes the connection.',
  diagnosedAs: 'gateway-without-rights',
  verdict: /its ServiceAccount \S+\/edge is not authorized to read Secrets/,
  cure: {
    says: 'Create a Role that allows get, watch and list of secrets in the namespace of the gateway, bind it to its ServiceAccount, and restart the gateway a minute later, as istiod keeps its refusal for a minute. Another ServiceAccount with that right works at once.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    address: { service: { namespace: namespaceOfFault(), name: 'edge' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
