/** A certificate with its private key and the root that it ends at, all PEM. */
export interface ServerIdentity {
  readonly certificate: string;
  readonly privateKey: string;
  readonly root: string;
}

/** Where one CA server runs and what it connects to, as the server itself sees it. */
export interface CaServerPlace {
  /** An absolute path. The server's files are in it, and the server may write to it. */
  readonly folder: string;
  /** The IP address to listen on. */
  readonly listenAddress: string;
  /** The host name in the URL of its directory. */
  readonly host: string;
  readonly directoryPort: number;
  /** Used only by servers with a management endpoint. */
  readonly managementPort: number;
  /** For the TLS of the directory. A server that issues its own TLS certificate does not use it. */
  readonly identity: ServerIdentity;
  /** host:port of the name server that validation asks; null for the resolver of the system. */
  readonly nameServer: string | null;
  /** The port that http-01 validation connects to. RFC 8555, section 8.3, says 80. */
  readonly http01Port: number;
  /** The port that tls-alpn-01 validation connects to. RFC 8737, section 3, says 443. */
  readonly tlsAlpn01Port: number;
}

/** A file that must be in the server's folder before the server starts. */
export interface CaServerFile {
  readonly name: string;
  readonly content: string;
  /** Whether it holds a key, so that only its owner may read it. */
  readonly isSecret: boolean;
}

/** Everything that starting one server takes. */
export interface CaServerSetup {
  readonly files: readonly CaServerFile[];
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The root that the TLS certificate of the directory ends at, PEM. */
  readonly directoryRoot: string;
  /** The roots that issued chains end at, PEM; null when the management endpoint is asked for them. */
  readonly issuingRoots: readonly string[] | null;
}

/**
 * A CA server that Padlock can start, described once for every place that starts it: a cell, kind, an existing cluster and the
 * tests of `padlock ca`.
 */
export interface CaServer {
  /** The value of --ca, and the name of the server's process, container and log. */
  readonly id: string;
  /** The name in reports. */
  readonly software: string;
  /** The component that builds it. */
  readonly component: string;
  /** The name of its program in that component. */
  readonly program: string;
  /** The published image without its tag; null when Padlock cannot start the published image with these files. */
  readonly image: string | null;
  /** The path of the ACME directory (RFC 8555, section 7.1.1). */
  readonly directoryPath: string;
  /** A part of its log that appears when it serves. */
  readonly readyLine: string;
  /** A part of the user agent of its validation requests. */
  readonly validationUserAgent: string;
  /** What deviates from its defaults, in its own terms, for reports. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether it answers concurrent requests of one client with server errors. */
  readonly failsOnConcurrentRequests?: boolean;
  /** The paths of its roots at the management endpoint, that of the default chain first; null without such an endpoint. */
  readonly rootPaths: readonly string[] | null;
  /** When a line of its log was written, ISO 8601; null when the line does not say. */
  timeOfLogLine(line: string): string | null;
  setUp(place: CaServerPlace): Promise<CaServerSetup>;
}
