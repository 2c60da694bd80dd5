import type { ChildProcess } from 'node:child_process';
import { getServers } from 'node:dns';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ComponentDescription } from '../../components/index.ts';
import { messageOf } from '../../error-message.ts';
import type { AccessLogFormat } from '../../evidence/access-log/log-field.ts';
import { type MeshAccessLog, missingFields } from '../../evidence/access-log/mesh-access-log.ts';
import { readMeshAccessLog } from '../../evidence/recorders/read-mesh-access-log.ts';
import { KubeClient } from '../../kube/client.ts';
import type { IstioKubeconfig } from '../../kube/connection.ts';
import { UserError } from '../../user-error.ts';
import { type ExistingCaOptions, existingCa } from '../ca/existing-ca.ts';
import type {
  CertificateAuthority,
  DynamicUpdates,
  EnvironmentEnd,
  EnvironmentLimits,
  ExternalAccountCa,
  IngressGateway,
  RunningEnvironment,
} from '../environment.ts';
import { ClusterMonitor } from './cluster-monitor.ts';
import { type Discovered, discover } from './discover.ts';
import {
  addressesOfHosts,
  checkHostNameOptions,
  type HostNameOptions,
  type HostNames,
  hostNames,
} from './host-names.ts';
import { checkIstioApi } from './istio-control-plane.ts';
import { describingRefusal, lookWithRights } from './look-with-rights.ts';
import { checkOneMesh } from './one-mesh.ts';
import { istioRecord, type RunRecord, recordsWithHost, removeRunRecord, writeRunRecord } from './run-record.ts';
import { spawnOnThisMachine } from './spawn-on-this-machine.ts';
import { sweep } from './sweep.ts';

export interface ExistingRequest extends HostNameOptions {
  /** The run's name, which labels everything that it creates. */
  readonly run: string;
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  /** The kubeconfig of Istio's control plane, if that has an API server of its own. */
  readonly istio?: IstioKubeconfig | undefined;
  /** namespace/name of the ingress gateway's Service, if the cluster has several. */
  readonly gateway?: string | undefined;
  readonly nameServer?: readonly string[] | undefined;
  /** The name server and the key for DNS-01. */
  readonly dnsUpdates?: DynamicUpdates | undefined;
  readonly allowClusterChanges: boolean;
  /** The formats of the gateway's access log that the user gave. */
  readonly accessLogFormats?: readonly AccessLogFormat[];
  readonly ca: ExistingCaOptions;
  readonly signal: AbortSignal;
}

/** The prefix of the folders for programs outside. */
export const scratchPrefix = 'padlock-outside-';

/**
 * Inspects an existing cluster and checks that the run has every permission that it needs. Creates nothing in it.
 *
 * @throws UserError: (2) for unusable options or kubeconfigs, (3) if the cluster does not answer, rejects the credentials,
 *   denies a permission, or lacks a component
 */
export async function connectExisting(request: ExistingRequest): Promise<RunningExisting> {
  checkHostNameOptions(request);
  const ca = await existingCa(request.ca);
  const kubeconfig = resolve(request.kubeconfig);
  const { context, istio, signal, allowClusterChanges, run } = request;
  const kube = await KubeClient.open({ path: kubeconfig, context, istio });
  try {
    const { gateway } = request;
    await describingRefusal(kube.istio?.server ?? kube.server, istio?.path ?? kubeconfig, () => checkIstioApi(kube));
    const discovered = await describingRefusal(kube.server, kubeconfig, () =>
      lookWithRights(kube, request, [], {
        look: () => discover(kube, { gateway, addressesOfHosts: addressesOfHosts(request) }, signal),
        gatewayNamespaceOf: (found) => found.gateway.namespace,
      }),
    );
    await describingRefusal(kube.server, kubeconfig, () => checkOneMesh(kube, discovered.gateway.namespace, signal));
    const accessLog = await accessLogOf(kube.istio === null ? [kube] : [kube.istio, kube], discovered.gateway, request);
    const names = hostNames(request, discovered.gatewayAddress);
    signal.throwIfAborted();
    const scratch = await mkdtemp(join(tmpdir(), scratchPrefix));
    const record: RunRecord = {
      run,
      createdAt: new Date().toISOString(),
      kubeconfig,
      context: context ?? null,
      server: kube.server,
      istio: istioRecord(kube, istio),
      gatewayNamespace: discovered.gateway.namespace,
      dnsHook: request.dnsHook === undefined ? null : resolve(request.dnsHook),
      hosts: [],
      dnsUpdates: request.dnsUpdates !== undefined,
      scratch,
      ingressClass: allowClusterChanges ? discovered.ingressClass : null,
      installed: null,
    };
    return new RunningExisting({ kube, request, record, ca, names, discovered, accessLog });
  } catch (error) {
    await kube[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Where the gateway's access log goes: what the user says, else what the mesh's own objects say.
 *
 * @throws UserError (3) if its lines cannot show who was asked for what
 */
async function accessLogOf(
  apis: readonly [KubeClient, ...KubeClient[]],
  gateway: IngressGateway,
  { accessLogFormats = [], signal }: Pick<ExistingRequest, 'accessLogFormats' | 'signal'>,
): Promise<MeshAccessLog> {
  if (accessLogFormats.length > 0) return { state: 'stdout', detail: 'as given', formats: accessLogFormats };
  const found = await readMeshAccessLog(apis, gateway, signal);
  const missing = missingFields(found);
  if (missing.length === 0) return found;
  throw new UserError(
    `The access log of the gateway ${gateway.namespace}/${gateway.service} (${found.detail}) does not contain ${missing.join(' and ')}, so its lines do not prove which way a challenge took. Add it to the format.`,
    { exitCode: 3 },
  );
}

interface Parts {
  readonly kube: KubeClient;
  readonly request: Omit<ExistingRequest, 'ca'>;
  readonly record: RunRecord;
  readonly ca: CertificateAuthority;
  readonly names: HostNames;
  readonly discovered: Discovered;
  /** Absent if the run installed the mesh. */
  readonly accessLog?: MeshAccessLog;
}

/** A cluster that exists before and after the run. Its outside is this machine. */
export class RunningExisting implements RunningEnvironment {
  readonly kind = 'existing';
  readonly belongsToOthers = true;
  readonly name: string;
  readonly kubeconfig: string;
  readonly context: string | undefined;
  readonly istio: IstioKubeconfig | undefined;
  readonly ca: CertificateAuthority;
  readonly gateway: IngressGateway;
  readonly found: readonly ComponentDescription[];
  readonly accessLog?: MeshAccessLog;
  readonly domain: string;
  readonly nameServers: readonly string[];
  readonly scratchOutside: string;
  readonly limits: EnvironmentLimits;
  readonly dnsUpdates?: () => Promise<DynamicUpdates>;
  readonly externalAccountCa?: () => Promise<ExternalAccountCa>;
  readonly #parts: Parts;
  readonly #monitors: readonly ClusterMonitor[];
  readonly #lost: AbortSignal;
  #record: RunRecord;
  #end: EnvironmentEnd | null = null;

  constructor(parts: Parts) {
    const { request, record, discovered, ca, names, kube } = parts;
    this.#parts = parts;
    this.#record = record;
    this.#monitors = [
      new ClusterMonitor(kube, record.run, 'The cluster'),
      ...(kube.istio === null ? [] : [new ClusterMonitor(kube.istio, record.run, "Istio's control plane")]),
    ];
    this.#lost = AbortSignal.any(this.#monitors.map(({ lost }) => lost));
    this.name = record.run;
    this.kubeconfig = record.kubeconfig;
    this.context = request.context;
    this.istio = request.istio;
    this.ca = ca;
    this.gateway = discovered.gateway;
    this.found = discovered.components;
    if (parts.accessLog !== undefined) this.accessLog = parts.accessLog;
    this.domain = names.domain;
    this.limits = {
      gatewayApi: discovered.gatewayApi,
      anyAddress: names.anyAddress,
      clusterChanges: request.allowClusterChanges,
    };
    this.nameServers = request.nameServer ?? getServers();
    this.scratchOutside = record.scratch;
    const { dnsUpdates } = request;
    if (dnsUpdates !== undefined) this.dnsUpdates = async () => dnsUpdates;
    const { directoryUrl, externalAccount } = ca;
    if (externalAccount !== undefined) this.externalAccountCa = async () => ({ directoryUrl, ...externalAccount });
  }

  get lost(): AbortSignal {
    return this.#lost;
  }

  /** From now on the run must be cleaned up, even if this process is killed. */
  async begin(): Promise<void> {
    await writeRunRecord(this.#record);
  }

  async setAddresses(host: string, addresses: readonly string[]): Promise<void> {
    if (!this.#record.hosts.includes(host)) {
      const earlier = await recordsWithHost(this.#record, host);
      // Never set, like the names of a DNS-01 issuance: nothing to remove.
      if (addresses.length === 0 && earlier.length === 0) return;
      this.#record = {
        ...this.#record,
        hosts: [...new Set([...this.#record.hosts, host, ...earlier.flatMap(({ hosts }) => hosts)])],
      };
      await writeRunRecord(this.#record);
      // What they staged is now this run's.
      for (const { run } of earlier) await removeRunRecord(run);
    }
    await this.#parts.names.setAddresses(host, addresses);
  }

  spawnOutside(command: readonly string[]): ChildProcess {
    return spawnOnThisMachine(command);
  }

  /** The cluster's parts keep theirs. */
  async logs(): Promise<ReadonlyMap<string, string>> {
    return new Map();
  }

  /** Keeps what the run created; its record contains what a later removal needs. */
  async detach(): Promise<void> {
    await this.#close();
  }

  /** @throws UserError (3) naming what could not be removed, why, and how to retry */
  async down(): Promise<EnvironmentEnd> {
    if (this.#end !== null) return this.#end;
    const started = performance.now();
    try {
      this.lost.throwIfAborted();
      await sweep(this.#parts.kube, this.#record);
    } catch (error) {
      const reason = messageOf(error);
      throw new UserError(
        `Not everything that ${this.name} created in the cluster at ${this.#record.server} could be removed. Run 'padlock down ${this.name}'. ${reason}`,
        { exitCode: 3, cause: error },
      );
    } finally {
      await this.#close();
    }
    this.#end = { downMs: Math.round(performance.now() - started), peakMemoryBytes: null };
    return this.#end;
  }

  async #close(): Promise<void> {
    await Promise.all(this.#monitors.map((monitor) => monitor[Symbol.asyncDispose]()));
    await this.#parts.kube[Symbol.asyncDispose]();
    await rm(this.scratchOutside, { recursive: true, force: true });
  }
}
