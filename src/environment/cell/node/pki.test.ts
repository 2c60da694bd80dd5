import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CellIdentity, type CellPki, writeCellPki } from './pki.ts';

const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

let parent: string;
let folder: string;
let pki: CellPki;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'padlock-pki-'));
  folder = join(parent, 'pki');
  pki = await writeCellPki({
    folder,
    nodeName: 'node-1',
    apiAddresses: ['10.96.0.1', '10.231.7.2'],
    nodeAddresses: ['10.231.7.5'],
    directoryName: 'acme.padlock.test',
    directoryAddress: '10.231.7.6',
  });
});

afterAll(() => rm(parent, { recursive: true }));

function certificateOf(identity: CellIdentity): X509Certificate {
  return new X509Certificate(pki.identities[identity].certificate);
}

test('makes a root that signs itself and may sign others', () => {
  const root = new X509Certificate(pki.caCertificate);
  expect(root.ca).toBe(true);
  expect(root.checkIssued(root)).toBe(true);
  expect(root.verify(root.publicKey)).toBe(true);
});

test('issues every identity by that root, each with its own key and serial number', () => {
  const root = new X509Certificate(pki.caCertificate);
  const identities = Object.keys(pki.identities) as CellIdentity[];
  for (const identity of identities) {
    const certificate = certificateOf(identity);
    expect(certificate.checkIssued(root)).toBe(true);
    expect(certificate.verify(root.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkPrivateKey(createPrivateKey(pki.identities[identity].key))).toBe(true);
    expect(certificate.validFromDate.getTime()).toBeLessThan(Date.now());
    expect(certificate.validToDate.getTime()).toBeGreaterThan(Date.now());
    // RFC 5280 section 4.1.2.2: positive, at most 20 octets.
    expect(certificate.serialNumber).toMatch(/^0?1[0-9A-F]{30}$/);
  }
  expect(new Set(identities.map((identity) => certificateOf(identity).serialNumber)).size).toBe(identities.length);
});

test('names the API server by every name and address it is reached under', () => {
  const certificate = certificateOf('apiserver');
  for (const name of ['kubernetes', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost']) {
    expect(certificate.checkHost(name)).toBe(name);
  }
  for (const address of ['127.0.0.1', '10.96.0.1', '10.231.7.2']) expect(certificate.checkIP(address)).toBe(address);
  expect(certificate.checkHost('acme.padlock.test')).toBeUndefined();
  expect(certificate.checkIP('10.231.7.5')).toBeUndefined();
  expect(certificateOf('kubelet').checkIP('10.231.7.5')).toBe('10.231.7.5');
  expect(certificateOf('acme-directory').checkHost('acme.padlock.test')).toBe('acme.padlock.test');
});

test.each<[CellIdentity, string, readonly string[]]>([
  ['apiserver', 'CN=kube-apiserver', [serverAuth]],
  ['apiserver-kubelet-client', 'O=system:masters\nCN=kube-apiserver-kubelet-client', [clientAuth]],
  ['admin', 'O=system:masters\nCN=padlock-admin', [clientAuth]],
  ['controller-manager', 'CN=system:kube-controller-manager', [clientAuth]],
  ['scheduler', 'CN=system:kube-scheduler', [clientAuth]],
  ['kube-proxy', 'CN=system:kube-proxy', [clientAuth]],
  ['kubelet', 'O=system:nodes\nCN=system:node:node-1', [serverAuth, clientAuth]],
  ['acme-directory', 'CN=acme.padlock.test', [serverAuth]],
])('gives %s the user and the groups that Kubernetes knows it by, and its usages', (identity, subject, usages) => {
  const certificate = certificateOf(identity);
  expect(certificate.subject).toBe(subject);
  expect(certificate.keyUsage).toEqual(usages);
});

test('writes every certificate and key for its owner only', async () => {
  const files = await readdir(folder);
  const pairs = ['ca', ...Object.keys(pki.identities)].flatMap((name) => [`${name}.crt`, `${name}.key`]);
  expect(files.sort()).toEqual([...pairs, 'service-account.key', 'service-account.pub'].sort());
  for (const file of files) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(await readFile(join(folder, 'apiserver.key'), 'utf8')).toBe(pki.identities.apiserver.key);
});

test('writes both halves of the key that signs the tokens of ServiceAccounts', async () => {
  const [signing, published] = await Promise.all([
    readFile(join(folder, 'service-account.key'), 'utf8'),
    readFile(join(folder, 'service-account.pub'), 'utf8'),
  ]);
  expect(createPublicKey(signing).equals(createPublicKey(published))).toBe(true);
});

test('holds in a TLS handshake with a client certificate', async () => {
  const { apiserver, admin } = pki.identities;
  const ca = pki.caCertificate;
  const server = createServer({ cert: apiserver.certificate, key: apiserver.key, ca, requestCert: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const accepted = once(server, 'secureConnection');
    const client = connect({ host: '127.0.0.1', port, ca, cert: admin.certificate, key: admin.key });
    await once(client, 'secureConnect');
    expect(client.authorized).toBe(true);
    const [socket] = await accepted;
    expect(socket.authorized).toBe(true);
    client.destroy();
    socket.destroy();
  } finally {
    server.close();
  }
});
