import { createHash, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, connect, type SecureContext, type TLSSocket } from 'node:tls';
import { type Attempt, withCode } from './probe-observation.ts';

interface HandshakeOptions {
  /** An IP address; nothing is resolved. */
  readonly address: string;
  readonly port: number;
  /** The SNI, and the name the certificate is verified for; an IP address is verified, but never sent (RFC 6066, section 3). */
  readonly serverName: string;
  /**
   * PEM roots to trust, and nothing else. Node adds its own roots and NODE_EXTRA_CA_CERTS only where `ca` is not given:
   * an empty list trusts nothing.
   */
  readonly roots: readonly string[];
  /** Whether a server that is not trusted ends the handshake, as it does in a browser. */
  readonly refuseUntrusted: boolean;
  /** One that trusts the same roots, for many handshakes; without it each makes its own. */
  readonly secureContext?: SecureContext;
}

export interface Handshake {
  readonly socket: TLSSocket;
  readonly stapledOcsp: boolean;
}

/** A full TLS handshake (never a resumed session) as a browser makes it: h2 preferred, OCSP stapling asked for. */
export function shakeHands(options: HandshakeOptions, attempt: Attempt): Promise<Handshake> {
  const { address, port, serverName, roots, refuseUntrusted, secureContext } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Handshake>();
  let established = false;
  let stapledOcsp = false;
  attempt.lastSeen = `no TCP connection to ${address} port ${port} yet`;
  const socket = connect({
    host: address,
    port,
    servername: isIP(serverName) === 0 ? serverName : '',
    ...(secureContext === undefined ? { ca: [...roots] } : { secureContext }),
    ALPNProtocols: ['h2', 'http/1.1'],
    rejectUnauthorized: refuseUntrusted,
    checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
    requestOCSP: true,
  });
  // After the handshake the server gets its last flight and a close_notify, so that it does not log a failed handshake.
  attempt.opened.defer(() => (established ? socket.destroySoon() : socket.destroy()));
  socket.on('connect', () => {
    attempt.lastSeen = `a TCP connection to ${address} port ${port}, but no end of the TLS handshake`;
  });
  socket.on('OCSPResponse', (response: Buffer | null) => {
    stapledOcsp = response !== null && response.length > 0;
  });
  socket.on('secureConnect', () => {
    established = true;
    attempt.lastSeen = `a TLS handshake with ${address} port ${port}`;
    resolve({ socket, stapledOcsp });
  });
  socket.on('error', reject);
  socket.on('close', () => reject(withCode('the connection was closed during the handshake', 'ECONNRESET')));
  return promise;
}

/**
 * The certificates of the server's Certificate message in its order (RFC 8446, section 4.4.2), leaf first.
 *
 * `getPeerCertificate(true)` would not do: it sorts the certificates by issuer, drops those that do not fit, and adds the
 * trusted root that the server did not send. `getPeerX509Certificate()` links them as they came, though its links are
 * called issuers. It empties OpenSSL's own list, so ask once per connection.
 */
export function certificatesSentBy(socket: TLSSocket): X509Certificate[] {
  const sent: X509Certificate[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined) {
    sent.push(certificate);
    certificate = certificate.issuerCertificate;
  }
  return sent;
}

/** Lower-case hexadecimal SHA-256 of the DER, as in the evidence. */
export function fingerprintSha256(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex');
}
