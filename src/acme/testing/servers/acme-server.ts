/** A real ACME server on loopback. Its end, and that of its scratch folder, is its disposal. */
export interface AcmeServer extends AsyncDisposable {
  readonly directoryUrl: string;
  /** Of its own TLS, PEM. */
  readonly trustedRootsPem: string;
  /** Of what it issues, PEM; the first is that of the default chain. */
  readonly rootsPem: readonly string[];
}

/** Where a server looks for names and validates challenges; what is left out is a port that nothing listens on. */
export interface ValidationTargets {
  /** host:port */
  readonly dnsServer?: string;
  /** Of http-01. */
  readonly httpPort?: number;
  /** Of tls-alpn-01. */
  readonly tlsPort?: number;
}
