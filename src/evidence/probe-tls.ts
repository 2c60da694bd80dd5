import {
  checkServerIdentity,
  connect,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls';
import { certificateFacts } from './certificate-facts.ts';
import type { TlsProbe } from './evidence.ts';
import type { TlsProbeRequest } from './probe-protocol.ts';

type Handshake = Extract<TlsProbe['outcome'], { chain: unknown }>;

/**
 * Looks at what a server presents for a name (SNI, RFC 6066 section 3), and whether a client that trusts only the given
 * roots accepts it.
 *
 * Node completes a peer's chain from the trusted roots and so hides whether the server sent them. Therefore two
 * handshakes are made at the same time: one that trusts nothing shows the chain exactly as sent, one that trusts the
 * roots gives OpenSSL's verdict. Both must have met the same leaf.
 */
export async function probeTls(request: TlsProbeRequest): Promise<TlsProbe> {
  const { name, address, port, serverName, trust } = request;
  const at = new Date();
  const started = performance.now();
  const outcome = await look(request).catch((error: NodeJS.ErrnoException) => ({
    error: error.message,
    code: error.code ?? null,
  }));
  return {
    kind: 'tls',
    name,
    at: at.toISOString(),
    durationMs: performance.now() - started,
    address,
    port,
    serverName,
    trust,
    outcome,
  };
}

async function look(request: TlsProbeRequest): Promise<Handshake> {
  const results = await Promise.allSettled([shake(request, []), shake(request, request.roots)]);
  const sockets = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  try {
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    const [sent, verified] = sockets;
    if (!sent || !verified) throw new Error('a handshake gave no socket');
    const chain = chainOf(sent).map((der) => certificateFacts(der));
    const leaf = verified.getPeerX509Certificate();
    if (leaf === undefined || chain.length === 0) throw new Error('the server presented no certificate');
    if (certificateFacts(leaf.raw).fingerprintSha256 !== chain[0]?.fingerprintSha256) {
      throw new Error('two handshakes at the same time met different certificates');
    }
    const error = verified.authorizationError as unknown as Error | string | null;
    const nameError = checkServerIdentity(request.serverName, leaf.toLegacyObject() as PeerCertificate);
    const chainError = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : error;
    return {
      protocol: verified.getProtocol() ?? 'unknown',
      cipher: verified.getCipher().standardName,
      alpn: verified.alpnProtocol || null,
      authorized: verified.authorized && nameError === undefined,
      authorizationError: chainError ?? (nameError as NodeJS.ErrnoException | undefined)?.code ?? null,
      chain,
      stapledOcsp: false,
    };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function shake(request: TlsProbeRequest, roots: readonly string[]): Promise<TLSSocket> {
  const { address, port, serverName, withinMs } = request;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      servername: serverName,
      ca: [...roots],
      ALPNProtocols: ['h2', 'http/1.1'],
      rejectUnauthorized: false,
      timeout: withinMs,
    });
    socket.on('secureConnect', () => resolve(socket));
    socket.on('error', reject);
    socket.on('close', () =>
      reject(Object.assign(new Error('the connection was closed during the handshake'), { code: 'ECONNRESET' })),
    );
    socket.on('timeout', () => {
      reject(Object.assign(new Error(`no handshake within ${withinMs} ms`), { code: 'PROBE_TIMEOUT' }));
      socket.destroy();
    });
  });
}

function chainOf(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw && !chain.some((der) => der.equals(certificate?.raw ?? Buffer.alloc(0)))) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}
