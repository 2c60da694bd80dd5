import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';

const missing = 'no-such-secret';

/** A Gateway, of Istio or of the Gateway API, with every Secret that it names replaced; any other object as it is. */
function withMissingSecret(object: KubeObject): KubeObject {
  const text = JSON.stringify(object);
  if (object.kind !== 'Gateway' || !/"(?:credentialName|certificateRefs)":/.test(text)) return object;
  return JSON.parse(text, (field, value: unknown) => {
    if (field === 'credentialName') return missing;
    return field === 'certificateRefs' ? [{ name: missing }] : value;
  }) as KubeObject;
}

export default fault({
  id: 'missing-secret',
  title: 'The HTTPS Gateway names a Secret that does not exist',
  symptom: 'The Certificate is Ready, but port 443 closes the connection.',
  diagnosedAs: 'credential-missing',
  verdict: /uses Secret \S+\/(no-such-secret|fault-missing-secret-typo), which does not exist/,
  cure: {
    says: 'Name the Secret that the Certificate writes in the Gateway.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  inScenario: {
    turnsRed: ['gateway-serves-the-secret', 'chain-ends-at-the-cas-root', 'backend-answers', 'browser-shows-padlock'],
    needs: ['istio-gateway', 'gateway-api'],
    changes: withMissingSecret,
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    isInGatewayNamespace: true,
    needs: ['cluster-changes'],
    servesItself: true,
  },
});
