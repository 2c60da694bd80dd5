import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hourMs = 3_600_000;
const lifetimeDays = 365;

/** A root, and an intermediate that it signed, PEM. */
export interface IssuingChain {
  readonly root: string;
  readonly intermediate: string;
  readonly intermediateKey: string;
  /** The intermediate's list of revoked certificates, with none in it. */
  readonly revocations: string;
}

/** Creates a root and an intermediate with ECDSA P-256 keys, valid from an hour ago. The key of the root is forgotten. @param software for their names */
export async function createIssuingChain(software: string): Promise<IssuingChain> {
  const [rootKeys, keys] = await Promise.all([createKeys(), createKeys()]);
  const now = Date.now();
  const [notBefore, notAfter] = [new Date(now - hourMs), new Date(now + lifetimeDays * 24 * hourMs)];
  const usages = new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=Padlock ${software} root`,
    notBefore,
    notAfter,
    keys: rootKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      usages,
      await x509.SubjectKeyIdentifierExtension.create(rootKeys.publicKey),
    ],
  });
  const intermediate = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: `CN=Padlock ${software} intermediate`,
    issuer: root.subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: rootKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      usages,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(rootKeys.publicKey),
    ],
  });
  const revocations = await x509.X509CrlGenerator.create({
    ...{ issuer: intermediate.subject, thisUpdate: notBefore, nextUpdate: notAfter },
    ...{ signingAlgorithm: algorithm, signingKey: keys.privateKey },
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    root: root.toString('pem'),
    intermediate: intermediate.toString('pem'),
    intermediateKey: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    revocations: x509.PemConverter.encode(revocations.rawData, 'X509 CRL'),
  };
}

function createKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}
