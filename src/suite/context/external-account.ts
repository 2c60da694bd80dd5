import type { ExternalAccountBinding } from '../../environment/environment.ts';
import { asIssuer } from '../../kube/cert-manager-objects.ts';
import type { KubeObject } from '../../kube/kube-object.ts';

/** Adds an external account binding to each ACME Issuer of a manifest, and the Secret with the MAC key. */
export function withExternalAccount(
  objects: readonly KubeObject[],
  { keyId, hmacKey }: ExternalAccountBinding,
): readonly KubeObject[] {
  return objects.flatMap((object): KubeObject | readonly KubeObject[] => {
    const acme = asIssuer(object)?.spec?.acme;
    if (acme === undefined) return object;
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
