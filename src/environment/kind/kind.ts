import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ContainerRuntimeClient } from 'testcontainers';
import { parse, stringify } from 'yaml';
import { cacheFolder } from '../../components/index.ts';
import { messageOf } from '../../error-message.ts';
import { KubeClient } from '../../kube/client.ts';
import { waitForDeployment } from '../../kube/wait-for-deployment.ts';
import { processStartTime } from '../../process-start-time.ts';
import { programFile } from '../../program-file.ts';
import { UserError } from '../../user-error.ts';
import { ownCa, writeCaRoots } from '../ca/own-ca.ts';
import { type DirectoryProxy, Toxiproxy, toxiproxyPort } from '../directory-proxy.ts';
import {
  type CertificateAuthority,
  type DynamicUpdates,
  type EnvironmentEnd,
  ingressGatewayOfCharts,
  type OutsideStreams,
  type RunningEnvironment,
} from '../environment.ts';
import { checkEnvironmentName } from '../environment-name.ts';
import { detachKeeper, spawnKeeper } from '../keeper-process.ts';
import { dynamicUpdates } from '../outside/dynamic-updates.ts';
import { domain } from '../outside/zone.ts';
import { spawnOptions } from '../spawn-options.ts';
import { allRun, nodesOf } from './cluster-nodes.ts';
import { openContainerEngine } from './container-engine.ts';
import { withForward } from './corefile.ts';
import { archiveFilesIn, dockerArchive, type ImageArchive, readImageArchives } from './image-archives.ts';
import { kindCaServer } from './kind-ca-server.ts';
import {
  kindConfiguration,
  mirroredImage,
  nodeImageOf,
  readKindConfiguration,
  registryHosts,
} from './kind-configuration.ts';
import { clusterName, environmentLabel } from './kind-labels.ts';
import { type KindPaths, kindPaths, kindsRoot } from './kind-paths.ts';
import { callKind, creationProblem, findKind, KindFailure, type KindProgram } from './kind-program.ts';
import { type KindRecord, readKindRecord, writeKindRecord } from './kind-record.ts';
import { loadBalancerAddresses } from './network-addresses.ts';
import { setAddressesAt, startOutside, updateKeyAt } from './outside.ts';
import { outsideCommand } from './outside-command.ts';
import { outsideImages } from './outside-images.ts';
import { removeKindRemains } from './remains.ts';

const keeperProgram = programFile(import.meta.dirname, 'keeper');
/** Its name is part of the host name of the node. */
const longestName = 32;
const clusterDnsWithinMs = 120_000;
const networkWithinMs = 15_000;
const archivesAtOnce = 3;

/** The options of a kind environment. */
export interface KindRequest {
  readonly name: string;
  /** Null or absent for kind's pinned image, or the image of the Kubernetes version. */
  readonly nodeImage?: string | null;
  readonly kubernetesVersion?: string | null;
  /** A folder of OCI archives, whose images are loaded instead of pulled. */
  readonly imageArchives?: string | null;
  /** The URL of a registry that mirrors all others. */
  readonly registryMirror?: string | null;
  /** docker (the default) or podman. */
  readonly provider?: string;
  /** A file with a kind configuration (kind.x-k8s.io/v1alpha4) to start from. */
  readonly configuration?: string | null;
  /** Whether it may outlive this process. If so, it is not registered with testcontainers' reaper, and `detach` may be called. */
  readonly outlives?: boolean;
  readonly signal: AbortSignal;
  onPhase(phase: string, sinceStartMs: number): void;
}

/**
 * Starts a kind cluster with its CA and name server beside it, and returns once its API server and its cluster DNS answer.
 * On failure it leaves nothing behind.
 *
 * @throws UserError: an environment or cluster of that name exists, wrong options (2); no container engine or none that this
 * user may use, a node image that does not start, no space on the disk, a network that cannot be reached (3)
 */
export async function startKind(request: KindRequest): Promise<RunningKind> {
  const { name, provider = 'docker' } = request;
  checkEnvironmentName(name, longestName);
  const archiveFiles = request.imageArchives ? await archiveFilesIn(request.imageArchives) : [];
  const engine = await openContainerEngine(provider);
  const paths = kindPaths(name);
  await mkdir(kindsRoot(), { recursive: true, mode: 0o700 });
  await refuseExisting(engine, name, paths);
  try {
    await Promise.all([mkdir(paths.logs, { mode: 0o700 }), mkdir(paths.outside, { mode: 0o700 })]);
    return await new KindStart(request, provider, archiveFiles, engine, paths).run();
  } catch (error) {
    await removeKindRemains(name);
    throw error;
  }
}

async function refuseExisting(engine: ContainerRuntimeClient, name: string, paths: KindPaths): Promise<void> {
  const cluster = clusterName(name);
  const nodes = await nodesOf(engine, name);
  if (nodes.length > 0) {
    throw new UserError(
      `A kind cluster named '${cluster}' exists. Remove it with 'padlock down ${name}' (or 'kind delete cluster --name ${cluster}'), or choose another --name.`,
    );
  }
  try {
    await mkdir(paths.root, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UserError(
      `A kind environment named '${name}' exists. Use it, remove it with 'padlock down ${name}', or choose another --name.`,
    );
  }
}

/** The steps of one start, with the state they share. */
class KindStart {
  readonly #request: KindRequest;
  readonly #provider: string;
  readonly #archiveFiles: readonly string[];
  readonly #engine: ContainerRuntimeClient;
  readonly #paths: KindPaths;
  readonly #cluster: string;
  readonly #started = performance.now();
  /** Aborts the running steps as soon as one fails. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;

  constructor(
    request: KindRequest,
    provider: string,
    archiveFiles: readonly string[],
    engine: ContainerRuntimeClient,
    paths: KindPaths,
  ) {
    this.#request = request;
    this.#provider = provider;
    this.#archiveFiles = archiveFiles;
    this.#engine = engine;
    this.#paths = paths;
    this.#cluster = clusterName(request.name);
    this.#signal = AbortSignal.any([request.signal, this.#stop.signal]);
  }

  async run(): Promise<RunningKind> {
    const { name } = this.#request;
    const subnet = await this.#makeNetwork();
    this.#phase('network');
    const program: KindProgram = {
      file: await findKind(this.#signal),
      environment: {
        KIND_EXPERIMENTAL_PROVIDER: this.#provider,
        KIND_EXPERIMENTAL_DOCKER_NETWORK: this.#cluster,
        KIND_EXPERIMENTAL_PODMAN_NETWORK: this.#cluster,
      },
      log: join(this.#paths.logs, 'kind.log'),
      signal: this.#signal,
    };
    // Read while the cluster starts, which takes longer.
    const archives = readImageArchives(this.#archiveFiles);
    const [node, outside] = await this.#together(this.#createCluster(program), this.#startOutside(archives));
    const record: KindRecord = {
      schemaVersion: 1,
      name,
      createdAt: new Date().toISOString(),
      provider: this.#provider,
      keeper: null,
      node,
      nameServer: outside.nameServer,
      ca: outside.ca,
      directoryProxy: outside.directoryProxy,
      loadBalancerAddresses: [...loadBalancerAddresses(subnet)],
    };
    await Promise.all([
      writeCaRoots(this.#paths.root, outside),
      writeFile(this.#paths.resolvConf, `nameserver ${outside.nameServer.address}\n`),
      writeKindRecord(record),
    ]);
    await this.#together(
      this.#takeAddresses(record),
      this.#loadArchives(program, await archives),
      this.#forwardClusterDns(outside.nameServer.address),
    );
    const keeper = await this.#startKeeper(record);
    this.#phase('ready');
    return new RunningKind(keeper.record, this.#engine, keeper.process);
  }

  #phase(phase: string): void {
    this.#request.onPhase(phase, Math.round(performance.now() - this.#started));
  }

  /** Waits for all steps. @throws the first failure */
  async #together<Results extends readonly unknown[]>(
    ...steps: { [Index in keyof Results]: Promise<Results[Index]> }
  ): Promise<Results> {
    const results = await Promise.allSettled(
      steps.map((step) => step.catch((error: unknown) => this.#abortWith(error))),
    );
    this.#request.signal.throwIfAborted();
    this.#stop.signal.throwIfAborted();
    return results.map((result) => (result.status === 'fulfilled' ? result.value : undefined)) as unknown as Results;
  }

  #abortWith(error: unknown): never {
    this.#stop.abort(error);
    throw error;
  }

  /** A separate network, which isolates environments and makes the removal complete. @returns its IPv4 subnet */
  async #makeNetwork(): Promise<string> {
    const { dockerode } = this.#engine.container;
    const network = await dockerode.createNetwork({
      Name: this.#cluster,
      CheckDuplicate: true,
      Driver: 'bridge',
      Labels: { [environmentLabel]: this.#request.name, ...(await this.#reaperLabels()) },
    });
    const { IPAM } = (await network.inspect()) as { IPAM?: { Config?: readonly { Subnet?: string }[] } };
    const subnet = IPAM?.Config?.map(({ Subnet }) => Subnet).find((candidate) => candidate?.includes('.'));
    if (subnet === undefined) throw new Error(`the network ${this.#cluster} has no IPv4 subnet`);
    return subnet;
  }

  /** Starts testcontainers' reaper if its image is available. */
  async #reaperLabels(): Promise<Record<string, string>> {
    if (this.#request.outlives || process.env.TESTCONTAINERS_RYUK_DISABLED === 'true') return {};
    const { getReaper, LABEL_TESTCONTAINERS_SESSION_ID } = await import('testcontainers');
    try {
      return { [LABEL_TESTCONTAINERS_SESSION_ID]: (await getReaper(this.#engine)).sessionId };
    } catch {
      // Without the reaper, 'padlock down --all' cleans up after a crash.
      process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
      return {};
    }
  }

  get #nodeImage(): string | null {
    const { nodeImage, kubernetesVersion } = this.#request;
    return nodeImage ?? (kubernetesVersion ? nodeImageOf(kubernetesVersion) : null);
  }

  async #createCluster(program: KindProgram): Promise<KindRecord['node']> {
    const { configuration, registryMirror } = this.#request;
    const { dockerode } = this.#engine.container;
    const info = (await dockerode.info()) as { CgroupVersion?: string };
    await writeFile(
      this.#paths.configuration,
      kindConfiguration({
        base: configuration ? await readKindConfiguration(configuration) : null,
        baseFile: configuration ?? '',
        nodeImage: this.#nodeImage,
        registryHosts: registryMirror ? await this.#writeRegistryHosts(registryMirror) : null,
        cgroupV1: info.CgroupVersion === '1',
      }),
    );
    const { kubeconfig, configuration: file } = this.#paths;
    try {
      await callKind(program, [
        'create',
        'cluster',
        '--name',
        this.#cluster,
        '--config',
        file,
        '--kubeconfig',
        kubeconfig,
      ]);
    } catch (error) {
      if (!(error instanceof KindFailure)) throw error;
      const image = this.#nodeImage ?? "that kind's own version names";
      // The environment's folder is removed, but people still need the log.
      const kept = join(cacheFolder(), 'logs', `kind-${this.#request.name}.log`);
      await mkdir(dirname(kept), { recursive: true });
      await copyFile(program.log, kept);
      throw creationProblem(error, image, kept);
    }
    this.#phase('cluster');
    const nodes = await nodesOf(this.#engine, this.#request.name);
    const node = nodes.find(({ Labels }) => Labels['io.x-k8s.kind.role'] === 'control-plane');
    const address = node?.NetworkSettings.Networks[this.#cluster]?.IPAddress;
    if (!node || !address) throw new Error(`the cluster ${this.#cluster} has no node with an address on its network`);
    await pointKubeconfigAt(kubeconfig, address);
    return { container: node.Id, address };
  }

  async #writeRegistryHosts(mirror: string): Promise<string> {
    const folder = join(this.#paths.root, 'registry-hosts');
    await mkdir(join(folder, '_default'), { recursive: true });
    await writeFile(join(folder, '_default', 'hosts.toml'), registryHosts(mirror));
    return folder;
  }

  async #startOutside(archives: Promise<readonly ImageArchive[]>) {
    const { registryMirror, name, outlives = false } = this.#request;
    const { dockerode } = this.#engine.container;
    const brought = (await archives).filter(({ images }) => images.some(isOutside));
    for (const { file } of brought) {
      // tar-stream's Pack is its own stream implementation, which its types do not show.
      const archive = Readable.from(await dockerArchive(file));
      const answer = Readable.from(await (dockerode.loadImage(archive) as Promise<NodeJS.ReadableStream>));
      await finished(answer.resume());
    }
    const archived = new Set(brought.flatMap(({ images }) => images));
    const source = (image: string) =>
      registryMirror && !archived.has(image) ? mirroredImage(image, registryMirror) : image;
    const outside = await startOutside({
      environment: name,
      network: this.#cluster,
      engine: this.#engine,
      reaped: !outlives,
      images: {
        nameServer: source(outsideImages.nameServer),
        ca: source(outsideImages.ca),
        directoryProxy: source(outsideImages.directoryProxy),
      },
      logs: this.#paths.logs,
    });
    await reachable(outside.nameServer.address);
    this.#phase('outside');
    return outside;
  }

  /** The node answers for the LoadBalancer addresses on its network, as it would for MetalLB or a cloud's router. */
  async #takeAddresses({ node, loadBalancerAddresses: addresses }: KindRecord): Promise<void> {
    const commands = addresses.map((address) => `ip address add ${address}/32 dev lo`);
    const { container } = this.#engine;
    const said = await container.exec(container.getById(node.container), ['sh', '-ec', commands.join('\n')]);
    if (said.exitCode !== 0) throw new Error(`the node did not take the LoadBalancer addresses: ${said.output.trim()}`);
  }

  async #loadArchives(program: KindProgram, archives: readonly ImageArchive[]): Promise<void> {
    const files = archives.filter(({ images }) => !images.every(isOutside)).map(({ file }) => file);
    if (files.length === 0) return;
    const lanes = Array.from({ length: archivesAtOnce }, (_, lane) =>
      files.filter((_, index) => index % archivesAtOnce === lane),
    ).filter((lane) => lane.length > 0);
    await Promise.all(
      lanes.map((lane) => callKind(program, ['load', 'image-archive', '--name', this.#cluster, ...lane])),
    );
    this.#phase('images');
  }

  async #forwardClusterDns(nameServer: string): Promise<void> {
    const signal = this.#signal;
    await using kube = await KubeClient.open({ path: this.#paths.kubeconfig });
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' };
    const present = (await kube.get(configMap, signal)) as { data?: { Corefile?: string } } | undefined;
    const corefile = withForward(present?.data?.Corefile ?? '', domain, nameServer);
    await kube.patch(configMap, { data: { Corefile: corefile } }, signal);
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'kube-system', name: 'coredns' };
    // CoreDNS would take up to 30 s to reload its configuration itself.
    const annotations = { [`${environmentLabel}/name-server`]: nameServer };
    await kube.patch(deployment, { spec: { template: { metadata: { annotations } } } }, signal);
    await waitForDeployment(kube, deployment, {
      what: 'cluster DNS to be Available',
      withinMs: clusterDnsWithinMs,
      signal,
    });
    this.#phase('cluster-dns');
  }

  async #startKeeper(record: KindRecord): Promise<{ record: KindRecord; process: ChildProcess }> {
    const log = join(this.#paths.logs, 'keeper.log');
    const keeper = spawnKeeper({ program: keeperProgram, argument: record.name, log, tells: false });
    await once(keeper, 'spawn');
    const { pid = 0 } = keeper;
    const withKeeper = { ...record, keeper: { pid, startTime: (await processStartTime(pid)) ?? '' } };
    await writeKindRecord(withKeeper);
    return { record: withKeeper, process: keeper };
  }
}

function isOutside(image: string): boolean {
  return Object.values(outsideImages).some((wanted) => wanted === image);
}

/**
 * The node's own address instead of a published port of the engine: this machine must reach the network anyway, and the API
 * server's certificate has that address.
 */
async function pointKubeconfigAt(file: string, address: string): Promise<void> {
  const kubeconfig = parse(await readFile(file, 'utf8')) as { clusters: { cluster: { server: string } }[] };
  for (const { cluster } of kubeconfig.clusters) cluster.server = `https://${address}:6443`;
  await writeFile(file, stringify(kubeconfig), { mode: 0o600 });
}

/** @throws UserError (3) if this machine has no route to the container network, as with Docker Desktop or rootless engines */
async function reachable(address: string): Promise<void> {
  const socket = connect({ host: address, port: 53, timeout: networkWithinMs });
  try {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('connect', resolve).once('error', reject);
    socket.once('timeout', () => reject(new Error('no answer')));
    await promise;
  } catch (error) {
    throw new UserError(
      `This machine cannot reach the container network (${address}: ${messageOf(error)}). Rootless engines and engines in a virtual machine do not expose it. Use a rootful engine on this machine, or --environment cell.`,
      { exitCode: 3, cause: error },
    );
  } finally {
    socket.destroy();
  }
}

/** Finds a kind environment that runs. @throws UserError (2) for an unknown name, (3) if it no longer runs */
export async function connectKind(name: string): Promise<RunningKind> {
  const record = await readKindRecord(name);
  if (record === null) {
    throw new UserError(
      `No kind environment is named '${name}', or its start was never finished. 'padlock status' lists the environments of this machine.`,
    );
  }
  const engine = await openContainerEngine(record.provider);
  if (!allRun(await nodesOf(engine, name))) {
    throw new UserError(`The kind environment '${name}' no longer runs. 'padlock down ${name}' removes what is left.`, {
      exitCode: 3,
    });
  }
  return new RunningKind(record, engine, null);
}

/** A kind cluster that runs, with the CA and the name server beside it. */
export class RunningKind implements RunningEnvironment {
  readonly kind = 'kind';
  readonly domain = domain;
  readonly gateway = ingressGatewayOfCharts;
  readonly belongsToOthers = false;
  readonly found = null;
  readonly name: string;
  readonly #record: KindRecord;
  readonly #engine: ContainerRuntimeClient;
  readonly #keeper: ChildProcess | null;
  readonly #paths: KindPaths;

  constructor(record: KindRecord, engine: ContainerRuntimeClient, keeper: ChildProcess | null) {
    this.name = record.name;
    this.#record = record;
    this.#engine = engine;
    this.#keeper = keeper;
    this.#paths = kindPaths(record.name);
  }

  get kubeconfig(): string {
    return this.#paths.kubeconfig;
  }

  get nameServers(): readonly string[] {
    return [this.#record.nameServer.address];
  }

  get scratchOutside(): string {
    return this.#paths.outside;
  }

  get ca(): CertificateAuthority {
    const { root, logs } = this.#paths;
    return ownCa(kindCaServer, {
      address: this.#record.ca.address,
      folder: root,
      logFile: join(logs, `${kindCaServer.id}.log`),
    });
  }

  get directoryProxy(): DirectoryProxy {
    return new Toxiproxy(`http://${this.#record.directoryProxy.address}:${toxiproxyPort}`);
  }

  async setAddresses(host: string, addresses: readonly string[]): Promise<void> {
    await setAddressesAt(this.#engine, this.#record.nameServer, host, addresses);
  }

  async dnsUpdates(): Promise<DynamicUpdates> {
    const { nameServer } = this.#record;
    return dynamicUpdates(`${nameServer.address}:53`, await updateKeyAt(this.#engine, nameServer));
  }

  /** This machine reaches the container network, so programs outside run on it, with the environment's name server. */
  spawnOutside(command: readonly string[], streams?: OutsideStreams): ChildProcess {
    const [program, ...args] = outsideCommand(this.#paths.resolvConf, command);
    return spawn(program, args, spawnOptions(streams));
  }

  async logs(): Promise<ReadonlyMap<string, string>> {
    const { container } = this.#engine;
    const journal = await container.exec(container.getById(this.#record.node.container), ['journalctl', '--no-pager']);
    await writeFile(join(this.#paths.logs, 'node.log'), journal.stdout, { mode: 0o600 });
    const files = (await readdir(this.#paths.logs)).filter((file) => file.endsWith('.log'));
    return new Map(files.map((file) => [file.replace(/\.log$/, ''), join(this.#paths.logs, file)]));
  }

  async detach(): Promise<void> {
    if (this.#keeper) await detachKeeper(this.#keeper);
  }

  async down(): Promise<EnvironmentEnd> {
    const peakMemoryBytes = await this.#peakMemoryBytes();
    const started = performance.now();
    await removeKindRemains(this.name);
    return { downMs: Math.round(performance.now() - started), peakMemoryBytes };
  }

  /** The node's peak memory, from its cgroup; null if the kernel does not report it. */
  async #peakMemoryBytes(): Promise<number | null> {
    const { container } = this.#engine;
    const files = ['/sys/fs/cgroup/memory.peak', '/sys/fs/cgroup/memory/memory.max_usage_in_bytes'];
    const said = await container
      .exec(container.getById(this.#record.node.container), ['sh', '-c', `cat ${files.join(' ')} 2>/dev/null`])
      .catch(() => null);
    const bytes = Number(said?.stdout.trim().split('\n')[0]);
    return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
  }
}
