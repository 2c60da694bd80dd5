import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
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

let chains = 0;

/**
 * A chain of a CA with names of its own. The leaf has no subject, so its names are critical (RFC 5280, section 4.2.1.6), as those of
 * ACME CAs are.
 */
export async function createServerChain(dnsName: string, leafEndsAt = inAnHour()): Promise<ServerChain> {
  chains += 1;
  const root = await issue(`CN=Root ${chains}`, null, []);
  const intermediate = await issue(`CN=Intermediate ${chains}`, root, []);
  const names = new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: dnsName }], true);
  const leaf = await issue('', intermediate, [names], leafEndsAt);
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

const inAnHour = () => new Date(Date.now() + hourMs);

async function issue(
  subject: string,
  issuer: Issued | null,
  extensions: x509.Extension[],
  notAfter = inAnHour(),
): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const isCa = extensions.length === 0;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex')}`,
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: new Date(Date.now() - 2 * hourMs),
    notAfter,
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

/** A TCP server that reads and never answers; `closed` settles when its first client has closed the connection. */
export async function silentServer(): Promise<
  AsyncDisposable & { readonly port: number; readonly closed: Promise<void> }
> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    // Unread bytes would hide the client's end.
    socket.resume();
    socket.on('close', () => resolve());
  });
  return Object.assign(await listening(server), { closed });
}
