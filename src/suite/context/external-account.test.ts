import { expect, test } from 'vitest';
import { withExternalAccount } from './external-account.ts';

const issuer = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Issuer',
  metadata: { name: 'ca', namespace: 'shop' },
  spec: { acme: { server: 'https://acme.example.test/dir' } },
};
const certificate = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'ca', namespace: 'shop' },
};

test('binds an Issuer by a Secret of its namespace, and leaves all else', () => {
  expect(withExternalAccount([issuer, certificate], { keyId: 'kid-1', hmacKey: 'c2VjcmV0' })).toEqual([
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'ca-eab', namespace: 'shop' },
      stringData: { hmac: 'c2VjcmV0' },
    },
    {
      ...issuer,
      spec: {
        acme: {
          ...issuer.spec.acme,
          externalAccountBinding: { keyID: 'kid-1', keySecretRef: { name: 'ca-eab', key: 'hmac' } },
        },
      },
    },
    certificate,
  ]);
});

test('leaves an Issuer of another kind', () => {
  const selfSigned = { ...issuer, spec: { selfSigned: {} } };
  expect(withExternalAccount([selfSigned], { keyId: 'kid-1', hmacKey: 'c2VjcmV0' })).toEqual([selfSigned]);
});
