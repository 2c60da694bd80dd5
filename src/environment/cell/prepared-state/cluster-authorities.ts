import { createPrivateKey, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { KeyPairPem } from '../../certificates.ts';

/** A certificate authority that a component makes for itself inside the cluster, in a Secret. */
export interface ClusterAuthority {
  readonly id: string;
  readonly namespace: string;
  readonly secret: string;
  /** The fields of the Secret with its certificate and its private key, PEM. */
  readonly certificate: string;
  readonly key: string;
}

/**
 * The authorities of the platform. Each component makes its own where the Secret is absent, and uses the one that it finds:
 * istiod to sign the certificates of proxies (security/pkg/pki/ca), cert-manager's webhook its own (pkg/server/tls/authority).
 */
export const clusterAuthorities: readonly ClusterAuthority[] = [
  {
    id: 'istio',
    namespace: 'istio-system',
    secret: 'istio-ca-secret',
    certificate: 'ca-cert.pem',
    key: 'ca-key.pem',
  },
  {
    id: 'cert-manager-webhook',
    namespace: 'cert-manager',
    secret: 'cert-manager-webhook-ca',
    certificate: 'tls.crt',
    key: 'tls.key',
  },
];

/** What a new authority is made like. */
export interface AuthorityModel {
  /** PEM. */
  readonly certificate: string;
  readonly keyForm: 'pkcs1' | 'sec1' | 'pkcs8';
}

type Algorithm = RsaHashedKeyGenParams | (EcKeyGenParams & { hash: string });
type RsaHashedKeyGenParams = webcrypto.RsaHashedKeyGenParams;
type EcKeyGenParams = webcrypto.EcKeyGenParams;

function algorithmOf(model: x509.X509Certificate): Algorithm {
  const { algorithm } = model.publicKey as { algorithm: { name: string; namedCurve?: string; modulusLength?: number } };
  const { name, namedCurve, modulusLength } = algorithm;
  if (namedCurve !== undefined) {
    return { name: 'ECDSA', namedCurve, hash: namedCurve === 'P-384' ? 'SHA-384' : 'SHA-256' };
  }
  if (modulusLength !== undefined) {
    return { name: 'RSASSA-PKCS1-v1_5', modulusLength, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
  }
  throw new Error(`an authority with a key of kind ${name} is not known`);
}

/**
 * Makes a new self-signed authority like another one: of the same subject, kind of key, key usages and lifetime, and with its
 * private key in the same PEM form, but valid from now on and with a key of its own.
 */
export async function authorityLike(model: AuthorityModel): Promise<KeyPairPem> {
  const certificate = new x509.X509Certificate(model.certificate);
  const algorithm = algorithmOf(certificate);
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const now = Date.now();
  const notBefore = new Date(now - 60_000);
  const lifetimeMs = certificate.notAfter.getTime() - certificate.notBefore.getTime();
  const usages = certificate.getExtension(x509.KeyUsagesExtension)?.usages ?? x509.KeyUsageFlags.keyCertSign;
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`,
    name: certificate.subject,
    notBefore,
    notAfter: new Date(notBefore.getTime() + lifetimeMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(usages, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return {
    certificate: `${made.toString('pem').trimEnd()}\n`,
    key: key.export({ format: 'pem', type: model.keyForm }).toString(),
  };
}

/** The PEM form of a private key: PKCS #1 (RFC 8017), SEC 1 (RFC 5915) or PKCS #8 (RFC 5208). */
export function keyFormOf(pem: string): AuthorityModel['keyForm'] {
  if (pem.includes('BEGIN RSA PRIVATE KEY')) return 'pkcs1';
  return pem.includes('BEGIN EC PRIVATE KEY') ? 'sec1' : 'pkcs8';
}
