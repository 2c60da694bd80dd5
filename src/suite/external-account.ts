import type { ExternalAccountBinding } from '../environment/environment.ts';
import type { KubeObject } from '../kube/kube-object.ts';

/** Each ACME Issuer of a manifest with the binding of its account, and the Secret with the MAC key that it refers to. */
export function withExternalAccount(
  objects: readonly KubeObject[],
  { keyId, hmacKey }: ExternalAccountBinding,
): readonly KubeObject[] {
  return objects.flatMap((object): KubeObject | readonly KubeObject[] => {
    const acme = acmeOf(object);
    if (object.kind !== 'Issuer' || acme === null) return object;
    const { namespace, name } = object.metadata;
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${name}-eab`, ...(namespace === undefined ? {} : { namespace }) },
      stringData: { [secretKey]: hmacKey },
    };
    const externalAccountBinding = { keyID: keyId, keySecretRef: { name: secret.metadata.name, key: secretKey } };
    return [secret, { ...object, spec: { acme: { ...acme, externalAccountBinding } } }];
  });
}

const secretKey = 'hmac';

function acmeOf(object: KubeObject): Readonly<Record<string, unknown>> | null {
  const { spec } = object as { spec?: { acme?: Readonly<Record<string, unknown>> } };
  return spec?.acme ?? null;
}
