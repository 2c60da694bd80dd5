import type { ChildProcess } from 'node:child_process';

/** Fetches a text over HTTPS from outside the cluster, trusting one root (PEM) and no other. */
export type GetOverTls = (url: string, address: string, trustedRootPem: string) => Promise<string>;

/** Where the certificate authority of an environment is and how to trust and judge it. */
export interface CertificateAuthority {
  /** The ACME directory (RFC 8555 section 7.1.1), as cert-manager must reach it. */
  readonly directoryUrl: string;
  /** A PEM file with the root that the directory's own TLS certificate ends at, for an Issuer's caBundle; null for a public one. */
  readonly directoryCaFile: string | null;
  readonly software: string;
  /** What deviates from the software's defaults, named as the software names it. */
  readonly settings: Readonly<Record<string, string>>;
  /** A part of the validation authority's user agent that tells its requests from everyone else's. */
  readonly userAgent: string;
  /** The CA's log file as seen from this machine; null where the CA keeps it to itself. */
  readonly logFile: string | null;
  /**
   * The roots that issued chains must end at, as PEM, asked from the CA's own management endpoint and never from an issued
   * certificate.
   */
  roots(get: GetOverTls): Promise<readonly string[]>;
}

/** How an environment ended. */
export interface EnvironmentEnd {
  readonly downMs: number;
  /** The most memory it used at once, where it can be told. */
  readonly peakMemoryBytes: number | null;
}

/** What every environment gives once it is up; everything after it is the same code for all of them. */
export interface RunningEnvironment {
  readonly kind: 'cell' | 'kind' | 'existing';
  readonly name: string;
  readonly kubeconfig: string;
  readonly ca: CertificateAuthority;
  /** A domain whose names this environment can create, e.g. padlock.test. */
  readonly domain: string;
  /** The authoritative name servers of that domain, as IP addresses. */
  readonly nameServers: readonly string[];
  /** A folder for programs outside, which goes with the environment. */
  readonly scratchOutside: string;
  /** Points host names at addresses, seen alike by Pods, by the CA and by clients outside. Replaces what was there. */
  setAddresses(host: string, addresses: readonly string[]): Promise<void>;
  /** Starts a program outside the cluster: where the CA, the DNS and the clients are. */
  spawnOutside(command: readonly string[]): ChildProcess;
  /** Log files by component name. */
  logs(): Promise<ReadonlyMap<string, string>>;
  /** Removes all of it from this machine. */
  down(): Promise<EnvironmentEnd>;
}
