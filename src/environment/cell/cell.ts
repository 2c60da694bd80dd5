import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaServer } from '../../ca-servers/ca-server.ts';
import { caServerNamed } from '../../ca-servers/ca-servers.ts';
import { pebble } from '../../ca-servers/pebble/pebble.ts';
import type { Components } from '../../components/index.ts';
import { processStartTime } from '../../process-start-time.ts';
import { programFile } from '../../program-file.ts';
import { runToEnd } from '../../run-to-end.ts';
import { chosenTimeScale } from '../../time-scale.ts';
import { UserError } from '../../user-error.ts';
import { ownCa } from '../ca/own-ca.ts';
import {
  type CertificateAuthority,
  type DynamicUpdates,
  type EnvironmentEnd,
  type ExternalAccountCa,
  type FurtherCa,
  type FurtherCaOptions,
  type FurtherNameServer,
  ingressGatewayOfCharts,
  type OutsideStreams,
  type RunningEnvironment,
} from '../environment.ts';
import { checkEnvironmentName } from '../environment-name.ts';
import { fullDiskOr } from '../full-disk-cause.ts';
import { detachKeeper, spawnKeeper } from '../keeper-process.ts';
import { dynamicUpdates } from '../outside/dynamic-updates.ts';
import { addressUpdate, aliasUpdate, domain } from '../outside/zone.ts';
import { spawnOptions } from '../spawn-options.ts';
import { type CellPaths, cellPaths, cellsRoot } from './cell-paths.ts';
import { type CellRecord, keeperLives, readCellRecord } from './cell-record.ts';
import { cellElsewhere, whoManages } from './cells-elsewhere.ts';
import { externalAccountCaOf } from './external-account-ca.ts';
import { startFurtherNameServer, startFurtherPebble } from './further-pebble.ts';
import { ensureImageStore } from './image-store.ts';
import { KeeperListener } from './keeper-listener.ts';
import type { KeeperSpec } from './keeper-protocol.ts';
import { measureBy } from './machine-speed.ts';
import { type CellNetwork, cellNetwork } from './node/cell-network.ts';
import { etcdSocket } from './prepared-state/etcd-arguments.ts';
import { cutBetween } from './processes/cut-between.ts';
import { insideNamespaces } from './processes/namespace-holder.ts';
import { pauseBelow } from './processes/pause-below.ts';
import { RecordWatch } from './record-watch.ts';
import { removeRemains } from './remains.ts';
import { takeSlot } from './slots.ts';

const keeperProgram = programFile(import.meta.dirname, 'keeper');
/** The programs that a keeper starts, as the components name them. */
const keeperBinaries = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'containerd',
  'containerd-shim-runc-v2',
] as const;
const keeperEndTimeLimitMs = 15_000;

interface CellRequest {
  readonly name: string;
  readonly components: Components;
  /** The CA server outside the cluster. */
  readonly ca: CaServer;
  /** The slot to use, for 10.231.<slot>.0/24; without it the first free one. */
  readonly slot?: number | undefined;
  /** The folder of the prepared state to start from; null for an empty cluster. */
  readonly preparedState: string | null;
  readonly signal: AbortSignal;
  onPhase(phase: string, sinceStartMs: number): void;
  /** The prepared state cannot be used, in one sentence; the cell starts with an empty cluster. */
  onStateRefused(message: string): void;
  /** Called where the cell did not start, before anything of it is removed, with its log files by component. */
  onFailure?(cause: unknown, logs: ReadonlyMap<string, string>): Promise<void>;
}

/**
 * Starts a cell and returns once its API server is ready. The cell ends when this process ends, unless `detach` was called.
 *
 * @throws UserError if a cell of that name exists (2), its subnet is taken (3) or a part of it did not start (3)
 */
export async function startCell(request: CellRequest): Promise<RunningCell> {
  const { name, components } = request;
  checkEnvironmentName(name);
  const elsewhere = await cellElsewhere(name);
  if (elsewhere !== null) {
    throw new UserError(`A cell named '${name}' is up. ${whoManages(elsewhere)} Or choose another --name.`);
  }
  const paths = cellPaths(name);
  await mkdir(cellsRoot(), { recursive: true, mode: 0o700 });
  try {
    await mkdir(paths.root, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UserError(
      `A cell named '${name}' exists. Use it, remove it with 'padlock down ${name}', or choose another --name.`,
    );
  }
  try {
    await mkdir(paths.logs, { mode: 0o700 });
    await using taken = await takeSlot(name, request.slot);
    const { slot } = taken;
    const imageStore = await ensureImageStore(components, components.cache, paths.logs);
    const spec: KeeperSpec = {
      name,
      slot,
      createdAt: new Date().toISOString(),
      ca: request.ca.id,
      binaries: Object.fromEntries(
        [...keeperBinaries, request.ca.program].map((binary) => [binary, components.binary(binary)]),
      ),
      imageStore,
      images: components.images.map(({ name, archive }) => ({ name, archive })),
      preparedState: request.preparedState,
      timeScale: chosenTimeScale(),
    };
    await writeFile(paths.spec, JSON.stringify(spec), { mode: 0o600 });
    request.signal.throwIfAborted();
    const log = join(paths.logs, 'keeper.log');
    const keeper = spawnKeeper({ program: keeperProgram, argument: paths.spec, log, tells: true });
    const onPhase = (phase: string, sinceStartMs: number) => {
      measureBy(phase, sinceStartMs);
      request.onPhase(phase, sinceStartMs);
    };
    const listener = new KeeperListener(keeper, {
      ...{ name, log, onPhase },
      onStateRefused: request.onStateRefused,
    });
    await ready(keeper, listener, request.signal);
    return new RunningCell(name, slot, await recordOf(name), { keeper, listener });
  } catch (error) {
    // Before anything is removed.
    const cause = request.signal.aborted
      ? error
      : await fullDiskOr(error, 'The cell did not start', [cellsRoot(), components.cache]);
    if (!request.signal.aborted) await request.onFailure?.(cause, await logFiles(name));
    await downCell(name);
    throw cause;
  }
}

async function ready(keeper: ChildProcess, listener: KeeperListener, signal: AbortSignal): Promise<void> {
  const interrupted = Promise.withResolvers<never>();
  const abort = () => {
    listener.expectEnd();
    keeper.kill('SIGTERM');
    keeper.once('exit', () => interrupted.reject(signal.reason));
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([listener.ready, interrupted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function recordOf(name: string): Promise<CellRecord> {
  const record = await readCellRecord(name);
  if (record) return record;
  const elsewhere = await cellElsewhere(name);
  if (elsewhere !== null) throw new UserError(`The cell '${name}' cannot be used here. ${whoManages(elsewhere)}`);
  throw new UserError(`No cell is named '${name}'. 'padlock status' lists the environments of this machine.`);
}

/**
 * Finds a cell that runs.
 * @throws UserError (2) for an unknown name, (3) if it no longer runs or has failed
 */
export async function connectCell(name: string): Promise<RunningCell> {
  const record = await recordOf(name);
  if (!(await keeperLives(record))) {
    throw new UserError(`The cell '${name}' no longer runs. 'padlock down ${name}' removes what is left.`, {
      exitCode: 3,
    });
  }
  if (record.failure !== null) {
    throw new UserError(
      `The cell '${name}' failed: ${record.failure}. 'padlock logs --name ${name}' lists its logs, 'padlock down ${name}' removes it.`,
      { exitCode: 3 },
    );
  }
  return new RunningCell(name, record.slot, record, null);
}

/** The log files of a cell by component, also of one that no longer runs. @throws UserError (2) for an unknown name */
export async function cellLogs(name: string): Promise<ReadonlyMap<string, string>> {
  await recordOf(name);
  return await logFiles(name);
}

async function logFiles(name: string): Promise<ReadonlyMap<string, string>> {
  const { logs } = cellPaths(name);
  // The folder may not be there: the start can fail before it is made.
  const files = (await readdir(logs).catch(() => [])).filter((file) => file.endsWith('.log'));
  return new Map(files.map((file) => [file.replace(/\.log$/, ''), join(logs, file)]));
}

/** Removes a cell, running or not, and all it left. @returns how long that took, in milliseconds */
export async function downCell(name: string): Promise<number> {
  const started = performance.now();
  const record = await readCellRecord(name);
  if (record?.keeper && (await keeperLives(record))) {
    process.kill(record.keeper.pid, 'SIGTERM');
    await keeperEnded(record.keeper.pid, record.keeper.startTime);
  }
  await removeRemains(name);
  return Math.round(performance.now() - started);
}

async function keeperEnded(pid: number, startTime: string): Promise<void> {
  const deadline = Date.now() + keeperEndTimeLimitMs;
  while ((await processStartTime(pid)) === startTime) {
    if (Date.now() > deadline) {
      // What it holds dies with it; the rest is removed by the caller.
      process.kill(pid, 'SIGKILL');
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The keeper of a cell that this process started. */
interface OwnKeeper {
  readonly keeper: ChildProcess;
  readonly listener: KeeperListener;
}

/** A cell whose API server is ready. */
export class RunningCell implements RunningEnvironment {
  readonly kind = 'cell';
  readonly name: string;
  readonly domain = domain;
  readonly gateway = ingressGatewayOfCharts;
  readonly belongsToOthers = false;
  readonly found = null;
  readonly network: CellNetwork;
  readonly startFurtherCa?: (options: FurtherCaOptions) => Promise<FurtherCa>;
  readonly externalAccountCa?: () => Promise<ExternalAccountCa>;
  readonly #paths: CellPaths;
  readonly #record: CellRecord;
  readonly #own: OwnKeeper | null;
  #recordWatch: RecordWatch | null = null;
  #ca: CertificateAuthority | null = null;

  /** @param own null where another command started it */
  constructor(name: string, slot: number, record: CellRecord, own: OwnKeeper | null) {
    this.name = name;
    this.network = cellNetwork(slot);
    this.#paths = cellPaths(name);
    this.#record = record;
    this.#own = own;
    // A cell of another CA is built without Pebble.
    if (this.caServer.id === pebble.id) {
      this.startFurtherCa = (options) => startFurtherPebble(this, options);
      this.externalAccountCa = () => externalAccountCaOf(this);
    }
  }

  get lost(): AbortSignal {
    if (this.#own !== null) return this.#own.listener.lost;
    this.#recordWatch ??= new RecordWatch(this.name);
    return this.#recordWatch.lost;
  }

  get rootProcess(): number | undefined {
    return this.#record.keeper?.pid;
  }

  /** The digest of the prepared state that it was restored from; null where everything was installed. */
  get restoredFrom(): string | null {
    return this.#record.restoredFrom;
  }

  /** What a prepared state is taken from. */
  async stateSource() {
    const { node, pki, logs } = this.#paths;
    return {
      etcdSocket: join(node, etcdSocket),
      nodeName: `padlock-${this.name}`,
      subnet: this.network.subnet.slice(0, this.network.subnet.lastIndexOf('.')),
      cellCertificate: await readFile(join(pki, 'ca.crt'), 'utf8'),
      log: join(logs, 'prepared-state.log'),
    };
  }

  get kubeconfig(): string {
    return this.#paths.kubeconfig;
  }

  /** The CA server that the cell was started with. */
  get caServer(): CaServer {
    return caServerNamed(this.#record.ca);
  }

  get nameServers(): readonly string[] {
    return [this.network.outsideAddress];
  }

  startFurtherNameServer(): Promise<FurtherNameServer> {
    return startFurtherNameServer(this);
  }

  async pauseNodeProcess(name: string): Promise<() => void> {
    return await pauseBelow(this.#record.keeper?.pid ?? null, name);
  }

  async cutBetween(one: readonly string[], other: readonly string[]): Promise<() => Promise<void>> {
    if (this.#record.nodePid === null) throw new Error(`the cell '${this.name}' has no node`);
    return await cutBetween(this.#record.nodePid, one, other);
  }

  /** A tmpfs in the mount namespace outside. */
  get scratchOutside(): string {
    return '/run';
  }

  /** Makes another CA outside the one that scenarios use. */
  useCa(ca: CertificateAuthority): void {
    this.#ca = ca;
  }

  get ca(): CertificateAuthority {
    return this.#ca ?? this.#ownCa;
  }

  get #ownCa(): CertificateAuthority {
    return ownCa(this.caServer, {
      address: this.network.outsideAddress,
      folder: this.#paths.root,
      logFile: join(this.#paths.logs, `${this.caServer.id}.log`),
    });
  }

  async dnsUpdates(): Promise<DynamicUpdates> {
    const key = await readFile(join(this.#paths.outside, 'etc-bind', 'update.key'), 'utf8');
    return dynamicUpdates(`${this.network.outsideAddress}:53`, key);
  }

  async setAddresses(host: string, addresses: readonly string[]): Promise<void> {
    const [program, ...args] = this.#outside(['nsupdate', '-k', '/etc/bind/update.key']);
    await runToEnd(program, args, addressUpdate(host, addresses, this.network.outsideAddress));
  }

  async setAlias(name: string, target: string | null): Promise<void> {
    const [program, ...args] = this.#outside(['nsupdate', '-k', '/etc/bind/update.key']);
    await runToEnd(program, args, aliasUpdate(name, target, this.network.outsideAddress));
  }

  spawnOutside(command: readonly string[], streams?: OutsideStreams): ChildProcess {
    const [program, ...args] = this.#outside(command);
    return spawn(program, args, spawnOptions(streams));
  }

  #outside(command: readonly string[]): readonly [string, ...string[]] {
    if (this.#record.outsidePid === null) throw new Error(`the cell '${this.name}' has nothing outside`);
    return insideNamespaces(this.#record.outsidePid, command);
  }

  async logs(): Promise<ReadonlyMap<string, string>> {
    return cellLogs(this.name);
  }

  /** Lets the cell live on after this process. */
  async detach(): Promise<void> {
    if (this.#own === null) return;
    this.#own.listener.expectEnd();
    await detachKeeper(this.#own.keeper);
  }

  async down(): Promise<EnvironmentEnd> {
    this.#recordWatch?.[Symbol.dispose]();
    this.#own?.listener.expectEnd();
    const keeper = this.#own?.keeper;
    // A keeper that was killed by a signal has no exit code, and its end was told long ago.
    const closed = keeper && keeper.exitCode === null && keeper.signalCode === null ? once(keeper, 'close') : null;
    const downMs = await downCell(this.name);
    await closed;
    return { downMs, peakMemoryBytes: this.#own?.listener.end?.peakMemoryBytes ?? null };
  }
}
