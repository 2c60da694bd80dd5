/**
 * The servers that answer challenges (RFC 8555 section 8, RFC 8737). A responder that was not requested, or is not available
 * here, is null. Its challenges are then not used, and checks that need it are skipped.
 */
export interface Responders {
  readonly http: HttpResponder | null;
  readonly dns: DnsResponder | null;
  readonly tlsAlpn: TlsAlpnResponder | null;
}

export const noResponders: Responders = { http: null, dns: null, tlsAlpn: null };

/** The answer to one path of one host. */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that arrived. */
export interface SeenRequest {
  readonly at: Date;
  /** From the Host header, without a port. */
  readonly host: string;
  readonly path: string;
  readonly userAgent: string | null;
  /** The address and family of the CA. */
  readonly from: string;
  /** Whether it arrived over TLS, after a redirect to https. */
  readonly isTls: boolean;
}

/** Listens where the CA validates http-01 (RFC 8555 section 8.3). Any path without a reply is answered 404. */
export interface HttpResponder {
  /** The port that it listens on. */
  readonly port: number;
  /** The port for HTTPS with an untrusted certificate; null without HTTPS. */
  readonly tlsPort: number | null;
  /** Sets the reply to a path of a host. @returns removes it */
  put(host: string, path: string, reply: HttpReply): Disposable;
  requests(host: string): readonly SeenRequest[];
}

export type RecordType = 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'TXT';

/** A query that arrived. */
export interface SeenQuery {
  readonly at: Date;
  /** The address of the resolver. */
  readonly from: string;
  readonly name: string;
  readonly type: string;
}

/**
 * Makes records below the domain. Padlock's own name server is authoritative for the domain, and by default every name below
 * it leads to the probe. A hook makes TXT records at a DNS provider.
 */
export interface DnsResponder {
  /** Whether it is Padlock's own name server. Only that one sees queries and can fail on purpose. */
  readonly isOwn: boolean;
  /** The default A and AAAA records: the addresses of the probe. Empty for a hook. */
  readonly addresses: readonly string[];
  /**
   * Replaces the records of a name and type; names are without a final dot. TXT values are one string each, CAA values are in
   * presentation form, e.g. `0 issue "ca.example"`. @returns removes them
   * @throws UnmetNeed for any other type than TXT at a hook
   */
  set(name: string, type: RecordType, values: readonly string[]): Promise<AsyncDisposable>;
  /** Answers all queries for a name (and type) with an error. @throws UnmetNeed at a hook */
  fail(name: string, rcode: 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED', type?: RecordType): Promise<AsyncDisposable>;
  /** The queries for a name; empty for a hook. */
  queries(name: string): readonly SeenQuery[];
}

/** The presentation to a TLS client hello with one server name. */
export interface TlsPresentation {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  /** The protocols for ALPN. Default: only acme-tls/1. */
  readonly protocols?: readonly string[];
}

/** A TLS client hello that arrived. */
export interface SeenHello {
  readonly at: Date;
  readonly serverName: string;
  /** The protocols that the client offered by ALPN. */
  readonly protocols: readonly string[];
}

/** A connection that agreed on acme-tls/1. */
export interface SeenTlsConnection {
  readonly at: Date;
  readonly serverName: string;
  /** The address of the CA. */
  readonly from: string;
  /** The bytes of application data that the CA sent after the handshake. */
  readonly received: number;
  /** Whether it has ended: the responder does not end it. */
  readonly isClosed: boolean;
}

/** Listens where the CA validates tls-alpn-01 (RFC 8737). Connections without acme-tls/1 are HTTPS. */
export interface TlsAlpnResponder {
  readonly port: number;
  /** Sets the presentation for a server name. @returns removes it */
  put(serverName: string, presentation: TlsPresentation): Disposable;
  hellos(serverName: string): readonly SeenHello[];
  /** The connections for acme-tls/1, as they are now. */
  connections(serverName: string): readonly SeenTlsConnection[];
}
