import { webcrypto } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** A certificate with its private key, both PEM. */
export interface KeyPairPem {
  readonly certificate: string;
  readonly key: string;
}

interface Authority extends KeyPairPem {
  readonly issuer: x509.X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const lifetimeDays = 365;

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  // A minute back, for a clock that is set while a cell starts.
  return { notBefore: new Date(now - 60_000), notAfter: new Date(now + lifetimeDays * 86_400_000) };
}

function serialNumber(): string {
  // RFC 5280 section 4.1.2.2: positive; the leading 01 keeps the sign bit clear.
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;
}

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** Makes a self-signed root for the parts of one cell. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const issuer = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    ...validity(),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    issuer,
    signingKey: keys.privateKey,
    certificate: issuer.toString('pem'),
    key: await pemOfKey(keys.privateKey),
  };
}

interface LeafRequest {
  readonly commonName: string;
  /** Kubernetes reads groups from the organisation. */
  readonly organization?: string;
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
  readonly usage: 'server' | 'client' | 'both';
}

/** Issues a certificate for one part of the cell. */
export async function issueCertificate(authority: Authority, request: LeafRequest): Promise<KeyPairPem> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const usages = [
    ...(request.usage === 'client' ? [] : [x509.ExtendedKeyUsage.serverAuth]),
    ...(request.usage === 'server' ? [] : [x509.ExtendedKeyUsage.clientAuth]),
  ];
  const names: x509.JsonGeneralNames = [
    ...(request.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(request.addresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  const subject: x509.JsonName = [
    ...(request.organization ? [{ O: [request.organization] }] : []),
    { CN: [request.commonName] },
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: authority.issuer.subject,
    ...validity(),
    publicKey: keys.publicKey,
    signingKey: authority.signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.AuthorityKeyIdentifierExtension.create(authority.issuer),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOfKey(keys.privateKey) };
}

/** The names under which a cell's parts find their certificates: `<name>.crt` and `<name>.key` in one folder. */
export type CellIdentity =
  | 'apiserver'
  | 'apiserver-kubelet-client'
  | 'admin'
  | 'controller-manager'
  | 'scheduler'
  | 'kube-proxy'
  | 'kubelet'
  | 'acme-directory';

interface CellPkiRequest {
  readonly folder: string;
  readonly nodeName: string;
  readonly apiAddresses: readonly string[];
  readonly nodeAddresses: readonly string[];
  readonly directoryName: string;
  readonly directoryAddress: string;
}

/** What the rest of the cell needs of its PKI in memory. */
export interface CellPki {
  readonly caCertificate: string;
  readonly identities: Readonly<Record<CellIdentity, KeyPairPem>>;
}

/**
 * Makes the whole PKI of a cell and writes it to a folder, keys with mode 0600: `ca`, the identities above, and
 * `service-account.key` (with `.pub`) that signs the tokens of ServiceAccounts. See kubernetes.io, "PKI certificates and requirements".
 */
export async function writeCellPki(request: CellPkiRequest): Promise<CellPki> {
  const authority = await createAuthority('padlock-cell-ca');
  const wanted: Record<CellIdentity, LeafRequest> = {
    apiserver: {
      commonName: 'kube-apiserver',
      usage: 'server',
      dnsNames: [
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster.local',
        'localhost',
      ],
      addresses: ['127.0.0.1', ...request.apiAddresses],
    },
    'apiserver-kubelet-client': {
      commonName: 'kube-apiserver-kubelet-client',
      organization: 'system:masters',
      usage: 'client',
    },
    admin: { commonName: 'padlock-admin', organization: 'system:masters', usage: 'client' },
    'controller-manager': { commonName: 'system:kube-controller-manager', usage: 'client' },
    scheduler: { commonName: 'system:kube-scheduler', usage: 'client' },
    'kube-proxy': { commonName: 'system:kube-proxy', usage: 'client' },
    kubelet: {
      commonName: `system:node:${request.nodeName}`,
      organization: 'system:nodes',
      usage: 'both',
      dnsNames: [request.nodeName],
      addresses: request.nodeAddresses,
    },
    'acme-directory': {
      commonName: request.directoryName,
      usage: 'server',
      dnsNames: [request.directoryName],
      addresses: [request.directoryAddress, '127.0.0.1'],
    },
  };
  const issued = await Promise.all(
    Object.entries(wanted).map(async ([name, leaf]) => [name, await issueCertificate(authority, leaf)] as const),
  );
  const identities = Object.fromEntries(issued) as Record<CellIdentity, KeyPairPem>;
  const serviceAccountKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

  await mkdir(request.folder, { recursive: true, mode: 0o700 });
  const write = (name: string, content: string) => writeFile(join(request.folder, name), content, { mode: 0o600 });
  await Promise.all([
    write('ca.crt', authority.certificate),
    write('ca.key', authority.key),
    write('service-account.key', await pemOfKey(serviceAccountKeys.privateKey)),
    write(
      'service-account.pub',
      x509.PemConverter.encode(await webcrypto.subtle.exportKey('spki', serviceAccountKeys.publicKey), 'PUBLIC KEY'),
    ),
    ...issued.flatMap(([name, pair]) => [write(`${name}.crt`, pair.certificate), write(`${name}.key`, pair.key)]),
  ]);
  return { caCertificate: authority.certificate, identities };
}
