import type { TLSSocket } from 'node:tls';
import { certificateFacts } from '../certificate-facts.ts';
import type { TlsProbe } from '../evidence.ts';
import { handshakeChoices } from './handshake-choices.ts';
import { certificatesSentBy, type HandshakeRecord, shakeHands } from './probe-handshake.ts';
import { type Attempt, observe } from './probe-observation.ts';
import type { TlsProbeRequest } from './probe-protocol.ts';

type Answer = Extract<TlsProbe['outcome'], { chain: unknown }>;

/**
 * Looks at what a server presents for a name (SNI, RFC 6066 section 3), and whether a client that trusts only the given
 * roots accepts it: the chain first, then the host name (RFC 9525).
 */
export async function probeTls(request: TlsProbeRequest): Promise<TlsProbe> {
  const { name, address, port, serverName, trust, withinMs } = request;
  const { at, durationMs, outcome } = await observe(withinMs, (attempt) => look(request, attempt));
  return { kind: 'tls', name, at, durationMs, address, port, serverName, trust, outcome };
}

async function look(request: TlsProbeRequest, attempt: Attempt): Promise<Answer> {
  const record: HandshakeRecord = { received: [], keyLog: [] };
  const { socket, stapledOcsp } = await shakeHands({ ...request, refuseUntrusted: false, record }, attempt);
  const chain = certificatesSentBy(socket).map(({ raw }) => certificateFacts(raw));
  if (chain.length === 0) throw new Error('the server presented no certificate');
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    alpn: socket.alpnProtocol || null,
    authorized: socket.authorized,
    authorizationError: socket.authorized ? null : refusalOf(socket),
    chain,
    stapledOcsp,
    ...handshakeChoices(Buffer.concat(record.received), Buffer.concat(record.keyLog).toString()),
  };
}

/** OpenSSL's code for the chain, or Node's ERR_TLS_CERT_ALTNAME_INVALID: a string, whatever its type says. */
function refusalOf(socket: TLSSocket): string {
  const error: unknown = socket.authorizationError;
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
}
