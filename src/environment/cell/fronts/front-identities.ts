import { createPrivateKey, webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { createAuthority, issueCertificate, type KeyPairPem, keyAlgorithm } from '../../certificates.ts';

const dayMs = 86_400_000;

/** The certificates that the front of a directory can show: its own, one that has expired, and one of another authority. */
export async function frontIdentities(
  pki: string,
  host: string,
): Promise<Readonly<Record<'good' | 'expired' | 'untrusted', KeyPairPem>>> {
  const read = (name: string) => readFile(join(pki, name), 'utf8');
  const [certificate, key, ownCertificate, ownKey] = await Promise.all(
    ['ca.crt', 'ca.key', 'acme-directory.crt', 'acme-directory.key'].map(read),
  );
  const pkcs8 = createPrivateKey(key ?? '').export({ format: 'der', type: 'pkcs8' });
  const authority = {
    certificate: certificate ?? '',
    key: key ?? '',
    issuer: new x509.X509Certificate(certificate ?? ''),
    signingKey: await webcrypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), keyAlgorithm, false, ['sign']),
  };
  const leaf = { commonName: host, dnsNames: [host], usage: 'server' } as const;
  const now = Date.now();
  const over = { notBefore: new Date(now - 90 * dayMs), notAfter: new Date(now - dayMs) };
  const [expired, untrusted] = await Promise.all([
    issueCertificate(authority, { ...leaf, validity: over }),
    createAuthority('nobody trusts this one').then((stranger) => issueCertificate(stranger, leaf)),
  ]);
  return { good: { certificate: ownCertificate ?? '', key: ownKey ?? '' }, expired, untrusted };
}
