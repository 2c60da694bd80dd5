import type { ChildProcess } from 'node:child_process';
import type { ComponentDescription } from '../components/index.ts';
import type { MeshAccessLog } from '../evidence/access-log/mesh-access-log.ts';
import type { IstioKubeconfig } from '../kube/connection.ts';
import type { DirectoryProxy } from './directory-proxy.ts';
import type { DirectoryFailure, NameServerFailure } from './server-failure.ts';

/** Fetches a text over HTTPS from outside the cluster, trusting one root (PEM) and no other. */
export type GetOverTls = (url: string, address: string, trustedRootPem: string) => Promise<string>;

/** A customer's account at the CA, to which each ACME account is bound (RFC 8555 section 7.3.4). */
export interface ExternalAccountBinding {
  readonly keyId: string;
  /** base64url without padding, as issued by the CA and expected by cert-manager. */
  readonly hmacKey: string;
}

/** Access for a DNS-01 solver to the environment's domain: dynamic updates (RFC 2136) signed with TSIG (RFC 8945). */
export interface DynamicUpdates {
  /** address:port, reachable from Pods. */
  readonly nameServer: string;
  readonly keyName: string;
  /** As cert-manager names it, e.g. HMACSHA256. */
  readonly algorithm: string;
  /** base64. */
  readonly secret: string;
}

/** The log of a CA. */
export interface CaLog {
  readonly file: string;
  /** The time of a line, ISO 8601; null if the line has none. */
  timeOfLine(line: string): string | null;
}

/** The certificate authority of an environment: where it is, how to trust it and how to judge it. */
export interface CertificateAuthority {
  /** The ACME directory (RFC 8555 section 7.1.1), as cert-manager reaches it. */
  readonly directoryUrl: string;
  /** A PEM file with the root of the directory's TLS certificate, for an Issuer's caBundle; null for a public root. */
  readonly directoryCaFile: string | null;
  readonly software: string;
  /** Empty if unknown. */
  readonly version: string;
  /** Absent if accounts need no external account binding. */
  readonly externalAccount?: ExternalAccountBinding;
  /** Settings that differ from the software's defaults, by the software's own names. */
  readonly settings: Readonly<Record<string, string>>;
  /** A part of the validation authority's user agent, which identifies its requests. Empty if unknown. */
  readonly userAgent: string;
  /** Its log on this machine; null if there is no access to it. */
  readonly log: CaLog | null;
  /**
   * The roots at which issued chains must end, PEM. They come from the CA's management endpoint, its root file or the user, never from
   * an issued certificate. Empty if unknown: then checks that need them are skipped.
   */
  roots(get: GetOverTls): Promise<readonly string[]>;
}

/** How a further CA of an environment differs from its own. */
export interface FurtherCaOptions {
  /** How long its certificates are valid, in seconds. */
  readonly validitySeconds?: number;
  /** MAC keys by key identifier, base64url. When given, it demands external account binding. */
  readonly externalAccounts?: Readonly<Record<string, string>>;
  /** Profiles besides `default`, by name: how long their certificates are valid, in seconds. An order that names none gets a random one. */
  readonly profiles?: Readonly<Record<string, number>>;
  /** Whether it uses the valid authorizations of an account again; by default each order has a challenge of its own. */
  readonly reusesAuthorizations?: boolean;
  /** The name server that it validates by, as address:port; by default that of the environment. */
  readonly nameServer?: string;
  /** Whether something stands before it that can fail in its place. */
  readonly canFail?: boolean;
  /** Whether it goes on after this process, as long as the environment. Then it can be neither paused, restarted nor ended. */
  readonly outlives?: boolean;
}

/** A CA that demands external account binding, and the account that it knows. */
export interface ExternalAccountCa extends ExternalAccountBinding {
  readonly directoryUrl: string;
}

/** A CA that runs beside the environment's own, for one scenario. */
export interface FurtherCa {
  readonly ca: CertificateAuthority;
  /**
   * Ends it and starts it again at the same URL. Like a CA that was set up anew, it knows no account or order of before and issues
   * from another root.
   *
   * @throws Error if it does not start
   */
  restart(): Promise<void>;
  /** Stops it without ending it: connections are accepted, and nothing is answered until it goes on. */
  pause(): void;
  resume(): void;
  /** Fails in this way from now on, before whatever it would answer; null: not at all. @throws Error unless it was asked to be able to */
  fail(how: DirectoryFailure | null): Promise<void>;
  /**
   * Sets what it answers about the renewal of one of its certificates (RFC 9773 section 4.2), given in PEM.
   *
   * @throws Error if it refuses
   */
  setRenewalInfo(certificate: string, answer: object): Promise<void>;
  /** Resolves once it no longer runs. Without this, it ends with the process that started it. */
  end(): Promise<void>;
}

/** A name server that answers as that of the environment does, until it is told to fail. */
export interface FurtherNameServer {
  /** Reachable from Pods and for the CA. */
  readonly address: string;
  readonly port: number;
  /** Fails in this way from now on; null: not at all. @throws Error if it has ended */
  fail(how: NameServerFailure | null): Promise<void>;
  /** Resolves once it no longer runs. Without this, it ends with the process that started it. */
  end(): Promise<void>;
}

/** The ingress gateway under test, as found in the cluster. */
export interface IngressGateway {
  readonly namespace: string;
  /** Its Service (and Deployment). */
  readonly service: string;
  /** The labels of its Pods, by which an Istio Gateway selects it. */
  readonly selector: Readonly<Record<string, string>>;
  /** The IngressClass with Istio's controller; null without one. */
  readonly ingressClass: string | null;
}

/** The ingress gateway of Istio's own charts, with the IngressClass that the platform adds to it. */
export const ingressGatewayOfCharts: IngressGateway = {
  namespace: 'istio-system',
  service: 'istio-ingressgateway',
  selector: { istio: 'ingressgateway' },
  ingressClass: 'istio',
};

/** Capabilities that scenarios depend on and an environment may lack. */
export interface EnvironmentLimits {
  /** Whether the cluster has the Gateway API. */
  readonly gatewayApi: boolean;
  /** Whether host names can point at any address, and not only at that of the ingress gateway. */
  readonly anyAddress: boolean;
  /** Whether scenarios may change cluster-wide objects. */
  readonly clusterChanges: boolean;
}

/** How an environment ended. */
export interface EnvironmentEnd {
  readonly downMs: number;
  /** Its peak memory, if known. */
  readonly peakMemoryBytes: number | null;
}

/**
 * Where stdin and stdout of a program outside go: to this process by pipes, or to its terminal. stderr is that of this process. A program
 * with `none` of them goes on after this process, at most as long as the environment.
 */
export type OutsideStreams = 'pipes' | 'terminal' | 'none';

/** A running environment. All code that uses it is the same for every kind. */
export interface RunningEnvironment {
  /** The kind under which its provider is registered, e.g. cell. */
  readonly kind: string;
  readonly name: string;
  readonly kubeconfig: string;
  /** The kubeconfig's context to use instead of the current one. */
  readonly context?: string | undefined;
  /** The kubeconfig of Istio's control plane, if Istio's own objects are in another cluster. */
  readonly istio?: IstioKubeconfig | undefined;
  /** The process of this machine below which all of its processes are. Absent where they are elsewhere. */
  readonly rootProcess?: number | undefined;
  /** Aborts when the environment disappears; its reason is a sentence for the user. */
  readonly lost?: AbortSignal;
  readonly ca: CertificateAuthority;
  /** A proxy that can cut or slow down the connection to the CA's directory. Absent if there is none. */
  readonly directoryProxy?: DirectoryProxy;
  readonly gateway: IngressGateway;
  /**
   * Whether others use the cluster, too. Then scenarios use only their own namespaces, names and hosts, and recorders look
   * nowhere else.
   */
  readonly belongsToOthers: boolean;
  /** Where the gateway's access log goes, and in which formats. Absent if Padlock installed the mesh: then it has the defaults. */
  readonly accessLog?: MeshAccessLog;
  /** The components found in the cluster; null if Padlock installed its own. */
  readonly found: readonly ComponentDescription[] | null;
  /** A domain whose names this environment can create, e.g. padlock.test. */
  readonly domain: string;
  /** The authoritative name servers of that domain, as IP addresses. */
  readonly nameServers: readonly string[];
  /** Capabilities that it may lack. Absent if it lacks none. */
  readonly limits?: EnvironmentLimits;
  /** Dynamic updates of its name server. Absent if DNS-01 cannot be solved. */
  dnsUpdates?(): Promise<DynamicUpdates>;
  /** Starts a further CA. Absent if it can start none. @throws Error if it does not start */
  startFurtherCa?(options: FurtherCaOptions): Promise<FurtherCa>;
  /** Starts a further name server. Absent if it can start none. @throws Error if it does not start */
  startFurtherNameServer?(): Promise<FurtherNameServer>;
  /**
   * Pauses a process of the cluster's node, e.g. `etcd`, so that it answers nothing. Absent where they are elsewhere.
   *
   * @returns what lets it go on
   * @throws Error if there is none of that name
   */
  pauseNodeProcess?(name: string): Promise<() => void>;
  /**
   * Drops every packet between two sets of Pods, given by their IPv4 addresses. Absent where the node is elsewhere.
   *
   * @returns what lets them through again
   * @throws Error where a set is empty
   */
  cutBetween?(one: readonly string[], other: readonly string[]): Promise<() => Promise<void>>;
  /** A CA that demands external account binding, as long as the environment is there: the same one each time. Absent if there is none. */
  externalAccountCa?(): Promise<ExternalAccountCa>;
  /** A folder for programs outside, removed with the environment. */
  readonly scratchOutside: string;
  /** Points host names at addresses, for Pods, the CA and clients outside alike. Replaces earlier addresses. */
  setAddresses(host: string, addresses: readonly string[]): Promise<void>;
  /** Makes a name an alias (CNAME) of another one; null removes it. Absent where the environment cannot. */
  setAlias?(name: string, target: string | null): Promise<void>;
  /** Starts a program outside the cluster, beside the CA, the DNS and the clients. By default stdin and stdout are pipes. */
  spawnOutside(command: readonly string[], streams?: OutsideStreams): ChildProcess;
  /** Log files by component name. */
  logs(): Promise<ReadonlyMap<string, string>>;
  /** Keeps it up after this process ends, with everything that scenarios left in it. */
  detach(): Promise<void>;
  /** Removes it from this machine; from an existing cluster, removes everything that the run created. */
  down(): Promise<EnvironmentEnd>;
}
