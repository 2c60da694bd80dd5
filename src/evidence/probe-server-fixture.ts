import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hourMs = 3_600_000;

/** PEM of a root, an intermediate that it issued, and a server's leaf below that. */
export interface ServerChain {
  readonly root: string;
  readonly intermediate: string;
  readonly leaf: string;
  readonly leafKey: string;
}

export async function createServerChain(dnsName: string): Promise<ServerChain> {
  const root = await issue('CN=Root', null, []);
  const intermediate = await issue('CN=Intermediate', root, []);
  const leaf = await issue('', intermediate, [
    new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: dnsName }]),
  ]);
  const key = await webcrypto.subtle.exportKey('pkcs8', leaf.keys.privateKey);
  return {
    root: root.pem,
    intermediate: intermediate.pem,
    leaf: leaf.pem,
    leafKey: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  };
}

interface Issued {
  readonly subject: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly pem: string;
}

async function issue(subject: string, issuer: Issued | null, extensions: x509.Extension[]): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const isCa = extensions.length === 0;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex')}`,
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: new Date(Date.now() - hourMs),
    notAfter: new Date(Date.now() + hourMs),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    extensions: isCa ? [new x509.BasicConstraintsExtension(true, undefined, true)] : extensions,
  });
  return { subject, keys, pem: certificate.toString('pem') };
}

/** Serves on a free port of the loopback; what it holds open is closed with it. */
export async function listening<Listener extends Server>(
  server: Listener,
): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('secureConnection', (socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
