import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createForeignRoot } from './foreign-root.ts';

test('a foreign root is a self-signed CA with an ECDSA P-256 key, another one each time', async () => {
  const [pem, another] = await Promise.all([createForeignRoot(), createForeignRoot()]);
  const root = new X509Certificate(pem);
  expect(root.ca).toBe(true);
  expect(root.subject).toBe(root.issuer);
  expect(root.verify(root.publicKey)).toBe(true);
  expect(root.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect(root.validToDate.getTime()).toBeGreaterThan(Date.now());
  expect(new X509Certificate(another).fingerprint256).not.toBe(root.fingerprint256);
  expect(pem).not.toContain('PRIVATE KEY');
});
