/**
 * What the probe answers challenges with, each where the CA comes looking (RFC 8555 section 8, RFC 8737). A responder that was
 * not asked for, or cannot be had here, is null: then its challenges are not used, and what needs it is skipped.
 */
export interface Responders {
  readonly http: HttpResponder | null;
  readonly dns: DnsResponder | null;
  readonly tlsAlpn: TlsAlpnResponder | null;
}

export const noResponders: Responders = { http: null, dns: null, tlsAlpn: null };

/** What is answered to one path of one host. */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that came. */
export interface SeenRequest {
  readonly at: Date;
  /** Of the Host header, without a port. */
  readonly host: string;
  readonly path: string;
  readonly userAgent: string | null;
  /** The address and family that the CA came from. */
  readonly from: string;
  /** Whether it came over TLS: to the target of a redirect to https. */
  readonly isTls: boolean;
}

/** Listens where the CA validates http-01 (RFC 8555 section 8.3). A path that nothing was put at is answered 404. */
export interface HttpResponder {
  /** The port that it listens on. */
  readonly port: number;
  /** The port where it speaks HTTPS, with a certificate that nobody trusts; null where it does not. */
  readonly tlsPort: number | null;
  /** Replaces what was at the path of the host before. @returns takes it away again */
  put(host: string, path: string, reply: HttpReply): Disposable;
  requests(host: string): readonly SeenRequest[];
}

export type RecordType = 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'TXT';

/** A query that came. */
export interface SeenQuery {
  readonly at: Date;
  readonly name: string;
  readonly type: string;
}

/**
 * Makes records below the domain. The probe's own name server is authoritative for the domain and leads every name below it to
 * the probe where nothing else was set; a hook makes TXT records at somebody else's.
 */
export interface DnsResponder {
  /** Whether it is the probe's own name server: only that one knows the queries and can fail on purpose. */
  readonly isOwn: boolean;
  /** Where the probe is, as its own name server tells: what A and AAAA say where nothing else was set. Empty for a hook. */
  readonly addresses: readonly string[];
  /**
   * Replaces the records of a name and type; names are without a final dot. TXT values are one string each, CAA values are in
   * presentation form, e.g. `0 issue "ca.example"`. @returns takes them away again
   * @throws UnmetNeed where a hook is asked for anything but TXT
   */
  set(name: string, type: RecordType, values: readonly string[]): Promise<AsyncDisposable>;
  /** Answers all queries for a name (and type) with an error. @throws UnmetNeed where a hook is asked */
  fail(name: string, rcode: 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED', type?: RecordType): Promise<AsyncDisposable>;
  /** The queries for a name that came; empty for a hook. */
  queries(name: string): readonly SeenQuery[];
}

/** What is presented to a TLS client hello with one server name. */
export interface TlsPresentation {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  /** What ALPN agrees on where the client offers it; default: acme-tls/1 alone. */
  readonly protocols?: readonly string[];
}

/** A TLS connection that came. */
export interface SeenHello {
  readonly at: Date;
  readonly serverName: string;
  /** What the client offered by ALPN. */
  readonly protocols: readonly string[];
}

/** Listens where the CA validates tls-alpn-01 (RFC 8737). What does not offer acme-tls/1 is HTTPS there. */
export interface TlsAlpnResponder {
  readonly port: number;
  /** Replaces what was presented for the server name before. @returns takes it away again */
  put(serverName: string, presentation: TlsPresentation): Disposable;
  hellos(serverName: string): readonly SeenHello[];
}
