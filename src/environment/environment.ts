import type { ChildProcess } from 'node:child_process';
import type { ComponentDescription } from '../components/index.ts';
import type { DirectoryProxy } from './directory-proxy.ts';

/** Fetches a text over HTTPS from outside the cluster, trusting one root (PEM) and no other. */
export type GetOverTls = (url: string, address: string, trustedRootPem: string) => Promise<string>;

/** An account that a customer has with the CA, which each ACME account is to be bound to (RFC 8555 section 7.3.4). */
export interface ExternalAccountBinding {
  readonly keyId: string;
  /** In base64url without padding, as the CA gives it and cert-manager takes it. */
  readonly hmacKey: string;
}

/** How a DNS-01 solver may change the environment's domain: updates (RFC 2136) signed by TSIG (RFC 8945). */
export interface DynamicUpdates {
  /** address:port, as Pods reach it. */
  readonly nameServer: string;
  readonly keyName: string;
  /** As cert-manager names it, e.g. HMACSHA256. */
  readonly algorithm: string;
  /** In base64. */
  readonly secret: string;
}

/** The log of a CA. */
export interface CaLog {
  readonly file: string;
  /** When a line was written, ISO 8601; null when the line does not say. */
  timeOfLine(line: string): string | null;
}

/** Where the certificate authority of an environment is and how to trust and judge it. */
export interface CertificateAuthority {
  /** The ACME directory (RFC 8555 section 7.1.1), as cert-manager must reach it. */
  readonly directoryUrl: string;
  /** A PEM file with the root that the directory's own TLS certificate ends at, for an Issuer's caBundle; null for a public one. */
  readonly directoryCaFile: string | null;
  readonly software: string;
  /** Empty where the CA does not tell it. */
  readonly version: string;
  /** Without it, accounts are bound to no external one. */
  readonly externalAccount?: ExternalAccountBinding;
  /** What deviates from the software's defaults, named as the software names it. */
  readonly settings: Readonly<Record<string, string>>;
  /** A part of the validation authority's user agent that tells its requests from everyone else's. */
  readonly userAgent: string;
  /** Its log on this machine; null when the CA does not share it. */
  readonly log: CaLog | null;
  /**
   * The roots that issued chains must end at, PEM. They come from the CA's management endpoint, its own root file or the user,
   * never from an issued certificate. Empty when they are unknown: then checks that need them are skipped.
   */
  roots(get: GetOverTls): Promise<readonly string[]>;
}

/** The ingress gateway that the use case goes through, as one finds it in the cluster. */
export interface IngressGateway {
  readonly namespace: string;
  /** Its Service (and Deployment). */
  readonly service: string;
  /** The labels of its Pods, which an Istio Gateway selects it by. */
  readonly selector: Readonly<Record<string, string>>;
  /** The IngressClass whose controller is Istio's; null where there is none. */
  readonly ingressClass: string | null;
}

/** The ingress gateway of Istio's own charts, with the IngressClass that the platform adds to it. */
export const ingressGatewayOfCharts: IngressGateway = {
  namespace: 'istio-system',
  service: 'istio-ingressgateway',
  selector: { istio: 'ingressgateway' },
  ingressClass: 'istio',
};

/** What an environment may lack that scenarios depend on. */
export interface EnvironmentLimits {
  /** Whether the cluster has the Gateway API. */
  readonly gatewayApi: boolean;
  /** Whether host names can point at any address, and not only at that of the ingress gateway. */
  readonly anyAddress: boolean;
  /** Whether scenarios may change what belongs to the whole cluster. */
  readonly clusterChanges: boolean;
}

/** How an environment ended. */
export interface EnvironmentEnd {
  readonly downMs: number;
  /** The most memory it used at once, where it can be told. */
  readonly peakMemoryBytes: number | null;
}

/** What every environment gives once it is up; everything after it is the same code for all of them. */
export interface RunningEnvironment {
  /** As its provider is registered, e.g. cell. */
  readonly kind: string;
  readonly name: string;
  readonly kubeconfig: string;
  /** The kubeconfig's context to use instead of the current one. */
  readonly context?: string | undefined;
  /** Aborts, with a sentence for the user as its reason, where the environment is noticed to have gone away. */
  readonly lost?: AbortSignal;
  readonly ca: CertificateAuthority;
  /** What can take the CA's directory from its clients, or slow it down. Without it, nothing stands between them. */
  readonly directoryProxy?: DirectoryProxy;
  readonly gateway: IngressGateway;
  /**
   * Whether the cluster is there for others too. Then scenarios keep to namespaces and names of their own, serve their own
   * host alone, and recorders look nowhere else.
   */
  readonly belongsToOthers: boolean;
  /** What took part in the run as it was found in the cluster; null where Padlock brought its own. */
  readonly found: readonly ComponentDescription[] | null;
  /** A domain whose names this environment can create, e.g. padlock.test. */
  readonly domain: string;
  /** The authoritative name servers of that domain, as IP addresses. */
  readonly nameServers: readonly string[];
  /** What it may lack; without them it lacks nothing. */
  readonly limits?: EnvironmentLimits;
  /** Where its name server takes updates. Without it, nothing here can solve DNS-01. */
  dnsUpdates?(): Promise<DynamicUpdates>;
  /** A folder for programs outside, which goes with the environment. */
  readonly scratchOutside: string;
  /** Called before anything is made in it: notes, where that is needed, how to remove it should this process be killed. */
  begin?(): Promise<void>;
  /** Points host names at addresses, seen alike by Pods, by the CA and by clients outside. Replaces what was there. */
  setAddresses(host: string, addresses: readonly string[]): Promise<void>;
  /** Starts a program outside the cluster: where the CA, the DNS and the clients are. */
  spawnOutside(command: readonly string[]): ChildProcess;
  /** Log files by component name. */
  logs(): Promise<ReadonlyMap<string, string>>;
  /** Lets it live on after this process, with all that scenarios left in it. */
  detach(): Promise<void>;
  /** Removes all of it from this machine; of a cluster that was there before, all that the run made in it. */
  down(): Promise<EnvironmentEnd>;
}
