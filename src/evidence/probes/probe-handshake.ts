import { createHash, type X509Certificate } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
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
  /** Receives what the server chose, as bytes and secrets of the handshake; see handshake-choices.ts. */
  readonly record?: HandshakeRecord;
}

/** What of a handshake is recorded while it lasts. */
export interface HandshakeRecord {
  /** What the server sent, in order. */
  readonly received: Buffer[];
  /** Lines in the format of SSLKEYLOGFILE. They never leave the probe. */
  readonly keyLog: Buffer[];
}

export interface Handshake {
  readonly socket: TLSSocket;
  readonly stapledOcsp: boolean;
}

/** A full TLS handshake (never a resumed session) as a browser makes it: h2 preferred, OCSP stapling asked for. */
export function shakeHands(options: HandshakeOptions, attempt: Attempt): Promise<Handshake> {
  const { address, port, serverName, roots, refuseUntrusted, secureContext, record } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Handshake>();
  let established = false;
  let stapledOcsp = false;
  attempt.lastSeen = `no TCP connection to ${address} port ${port} yet`;
  const carrier = record === undefined ? null : connectTcp({ host: address, port });
  const socket = connect({
    ...(carrier === null || record === undefined
      ? { host: address, port }
      : { socket: recorded(carrier, record.received) }),
    servername: isIP(serverName) === 0 ? serverName : '',
    ...(secureContext === undefined ? { ca: [...roots] } : { secureContext }),
    ALPNProtocols: ['h2', 'http/1.1'],
    rejectUnauthorized: refuseUntrusted,
    checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
    requestOCSP: true,
  });
  // After the handshake the server gets its last flight and a close_notify, so that it does not log a failed handshake.
  attempt.opened.defer(() => (established ? socket.destroySoon() : socket.destroy()));
  if (carrier !== null && record !== undefined) {
    attempt.opened.defer(() => (established ? carrier.destroySoon() : carrier.destroy()));
    socket.on('keylog', (line: Buffer) => record.keyLog.push(line));
    carrier.on('error', reject);
    carrier.on('close', () => reject(withCode('the connection was closed during the handshake', 'ECONNRESET')));
  }
  (carrier ?? socket).on('connect', () => {
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

/** A TCP connection as a stream whose bytes from the server are kept, too. */
function recorded(carrier: Socket, received: Buffer[]): Duplex {
  const stream = new Duplex({
    read: () => void carrier.resume(),
    write: (bytes: Buffer, _encoding, done) => void carrier.write(bytes, () => done()),
    final: (done) => void carrier.end(() => done()),
    destroy: (error, done) => {
      carrier.destroy();
      done(error);
    },
  });
  carrier.on('data', (bytes: Buffer) => {
    received.push(bytes);
    if (!stream.push(bytes)) carrier.pause();
  });
  carrier.on('end', () => stream.push(null));
  carrier.on('close', () => stream.destroy());
  return stream;
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
