import { createPrivateKey, webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { createAuthority, issueCertificate, type KeyPairPem, keyAlgorithm } from '../../certificates.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/**
 * The certificates that the front of a directory can show: its own, one that has expired, one that begins an hour from now, and one of
 * another authority.
 */
export async function frontIdentities(
  pki: string,
  host: string,
): Promise<Readonly<Record<'good' | 'expired' | 'not-yet-valid' | 'untrusted', KeyPairPem>>> {
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
  const ahead = { notBefore: new Date(now + hourMs), notAfter: new Date(now + 90 * dayMs) };
  const [expired, notYetValid, untrusted] = await Promise.all([
    issueCertificate(authority, { ...leaf, validity: over }),
    issueCertificate(authority, { ...leaf, validity: ahead }),
    createAuthority('nobody trusts this one').then((stranger) => issueCertificate(stranger, leaf)),
  ]);
  const good = { certificate: ownCertificate ?? '', key: ownKey ?? '' };
  return { good, expired, 'not-yet-valid': notYetValid, untrusted };
}
