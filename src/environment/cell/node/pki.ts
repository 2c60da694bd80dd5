import { webcrypto } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import {
  createAuthority,
  issueCertificate,
  type KeyPairPem,
  keyAlgorithm,
  type LeafRequest,
  pemOfKey,
} from '../../certificates.ts';

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
  const serviceAccountKeys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);

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
