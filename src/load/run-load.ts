import { availableParallelism, release, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningEnvironment } from '../environment/environment.ts';
import { messageOf } from '../error-message.ts';
import { ProbeClient, probeAgent } from '../evidence/probes/probe-client.ts';
import { forEachConcurrently } from '../kube/bounded-concurrency.ts';
import { issuerResource } from '../kube/cert-manager-objects.ts';
import { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { hasLoadBalancer, loadBalancerAddress } from '../kube/load-balancer-address.ts';
import { conditionTrue, TimeoutError } from '../kube/until.ts';
import type { ResourceWatch } from '../kube/watch.ts';
import { rootsOfCa } from '../suite/context/roots-of-ca.ts';
import { scaledLimits, timeScale } from '../time-scale.ts';
import { ClusterMetrics } from './cluster-metrics.ts';
import { restartGateway } from './gateway-restart.ts';
import { IssuanceLedger, watchedKinds } from './issuance-ledger.ts';
import { issuerObjects } from './load-issuer.ts';
import {
  certificateAt,
  certificatesOfGateway,
  domainOfLoad,
  gatewayAt,
  gatewayCount,
  hostAt,
  issuerNameOf,
  type LoadPlan,
  rootNameOf,
} from './load-plan.ts';
import type { LoadReport } from './load-report.ts';
import { type PartUsage, summedByPart } from './part-usage.ts';
import { readProcessUsage } from './process-usage.ts';
import { removeLoad } from './remove-load.ts';
import { renewStorm } from './renew-storm.ts';
import type { LoadRecording } from './report-of-load.ts';
import { ServedHosts } from './served-hosts.ts';
import { UsageRecorder } from './usage-recorder.ts';

const within = scaledLimits({
  address: 90_000,
  issuerReady: 60_000,
  /** cert-manager sleeps for 60 s in its self-check of DNS-01. */
  progress: 180_000,
  gatewayReady: 60_000,
  servedAgain: 180_000,
  renewed: 1_800_000,
});
const requestsAtOnce = 12;
const usageEveryMs = 2_000;
const tellEveryMs = 10_000;

interface LoadRequest {
  readonly plan: LoadPlan;
  readonly environment: RunningEnvironment;
  readonly components: LoadReport['components'];
  readonly renewStorm: boolean;
  /** Whether the gateway is restarted at the end. */
  readonly restartGateway: boolean;
  /** Whether what was made is left for somebody else to remove. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  tell(phase: string): void;
}

/**
 * Puts a load of certificates on an environment, watches each from the request to the first handshake, and reads what the parts
 * use meanwhile. Everything is removed afterwards, unless the environment goes anyway.
 *
 * @throws UserError (2) where the environment cannot do it; TimeoutError, KubeError; the signal's reason
 */
export async function runLoad(request: LoadRequest): Promise<LoadRecording> {
  const { plan, environment, signal, tell } = request;
  await using kube = await KubeClient.open({
    ...{ path: environment.kubeconfig, context: environment.context, istio: environment.istio },
  });
  await using probes = new ProbeClient(environment.spawnOutside([process.execPath, probeAgent]));
  const startedAt = new Date();
  try {
    const issuers = await issuerObjects(plan, environment);
    const address = await gatewayAddress(kube, plan, signal);
    await environment.setAddresses(`*.${domainOfLoad(plan)}`, [address]);
    await kube.apply(issuers, { signal });
    await kube.waitFor(
      { ...issuerResource, namespace: plan.gateway.namespace },
      conditionTrue('Issuer', issuerNameOf(plan), 'Ready'),
      {
        what: `Issuer ${plan.gateway.namespace}/${issuerNameOf(plan)} to be Ready`,
        withinMs: within.issuerReady,
        signal,
      },
    );
    const capacity = await capacityOf(kube, plan, signal);
    const metrics = new ClusterMetrics(kube, plan.gateway);
    const ledger = new IssuanceLedger(plan);
    const countersBefore = await metrics.counters(signal);
    const { rootProcess } = environment;
    const recorder = new UsageRecorder({
      read: () => usageOf(metrics, rootProcess, signal),
      everyMs: usageEveryMs,
      signal,
    });
    const load = new LoadInProgress({ plan, kube, probes, ledger, address, signal, tell });
    const stalled = await load.perform();
    const machineBusy = await recorder.stop();
    const countersAfter = await metrics.counters(signal);
    const problems: string[] = [...recorder.problems, ...load.problems];
    const later = async <Result>(what: string, work: () => Promise<Result>): Promise<Result | null> => {
      if (stalled !== null) return null;
      tell(what);
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        problems.push(`${what}: ${messageOf(error)}`);
        return null;
      }
    };
    const storm = request.renewStorm
      ? await later('renewing all at once', async () =>
          renewStorm({
            ...{ plan, kube, probes, address, signal, withinMs: within.renewed },
            roots: await rootsOfLoad(kube, plan, environment, probes),
          }),
        )
      : null;
    const restart = request.restartGateway
      ? await later('restarting the gateway', () =>
          restartGateway({
            ...{ plan, kube, signal, limitMs: within.gatewayReady },
            untilServed: () => untilServedAgain({ plan, probes, address, signal }),
          }),
        )
      : null;
    return {
      shape: {
        ...{ certificates: plan.certificates, ratePerSecond: plan.ratePerSecond },
        ...{ solver: plan.solver, hostsPerGateway: plan.hostsPerGateway },
      },
      startedAt,
      machine: {
        os: `Linux ${release()}`,
        cpus: availableParallelism(),
        memoryBytes: totalmem(),
        timeScale: timeScale(),
      },
      environment: { kind: environment.kind, name: environment.name },
      components: request.components,
      ca:
        plan.solver === 'ca-issuer'
          ? { software: "cert-manager's CA issuer", version: '' }
          : { software: environment.ca.software, version: environment.ca.version },
      records: ledger.records,
      stored: ledger.stored,
      mostSolverPods: ledger.mostSolverPods,
      usage: recorder.samples,
      ...{ countersBefore, countersAfter, machineBusy, stalled },
      ...capacity,
      gatewayRestart: restart,
      renewStorm: storm,
      problems,
    };
  } finally {
    if (request.keep) {
      await environment.setAddresses(`*.${domainOfLoad(plan)}`, []).catch(() => {});
    } else {
      tell('removing what was made');
      await removeLoad(kube, plan);
      await environment.setAddresses(`*.${domainOfLoad(plan)}`, []);
    }
  }
}

async function gatewayAddress(kube: KubeClient, { gateway }: LoadPlan, signal: AbortSignal): Promise<string> {
  const { namespace, service } = gateway;
  const what = `Service ${namespace}/${service} to have an address`;
  const withinMs = within.address;
  const found = await kube.waitFor({ apiVersion: 'v1', kind: 'Service', namespace }, hasLoadBalancer(service), {
    ...{ what, withinMs, signal },
  });
  const address = await loadBalancerAddress(found);
  if (address === null) throw new TimeoutError(what, withinMs, 'a name that this machine cannot resolve');
  return address;
}

/** PEM: the roots at which the certificates of a load end. @throws Error where they are unknown */
async function rootsOfLoad(
  kube: KubeClient,
  plan: LoadPlan,
  environment: RunningEnvironment,
  probes: ProbeClient,
): Promise<readonly string[]> {
  if (plan.solver !== 'ca-issuer') {
    const roots = await rootsOfCa(environment, probes);
    if (roots.length === 0)
      throw new Error("the CA's roots are unknown, so no handshake can be judged; give --ca-root");
    return roots;
  }
  const { namespace } = plan.gateway;
  const secret = await kube.get({ apiVersion: 'v1', kind: 'Secret', namespace, name: rootNameOf(plan) });
  const { data = {} } = (secret ?? {}) as { data?: Readonly<Record<string, string>> };
  return [Buffer.from(data['tls.crt'] ?? '', 'base64').toString('utf8')];
}

async function usageOf(
  metrics: ClusterMetrics,
  rootProcess: number | undefined,
  signal: AbortSignal,
): Promise<readonly PartUsage[]> {
  const { user, system } = process.cpuUsage();
  const own = {
    part: 'padlock',
    cpuSeconds: (user + system) / 1_000_000,
    memoryBytes: process.memoryUsage.rss(),
  };
  const parts = rootProcess === undefined ? await metrics.usage(signal) : await readProcessUsage(rootProcess);
  return summedByPart([...parts, own]);
}

async function capacityOf(kube: KubeClient, { gateway }: LoadPlan, signal: AbortSignal) {
  const read = (selection: Parameters<KubeClient['list']>[0]) =>
    kube.list(selection, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof Error) return null;
      throw error;
    });
  const [nodes, pods] = await Promise.all([
    read({ apiVersion: 'v1', kind: 'Node' }),
    read({ apiVersion: 'v1', kind: 'Pod' }),
  ]);
  const matches = ({ metadata }: KubeObject) =>
    metadata.namespace === gateway.namespace &&
    Object.entries(gateway.selector).every(([label, value]) => metadata.labels?.[label] === value);
  return {
    allocatablePods: nodes?.reduce((sum, node) => sum + Number(allocatableOf(node).pods ?? 0), 0) ?? null,
    runningPods: pods?.filter(({ status }) => !['Succeeded', 'Failed'].includes(phaseOf(status))).length ?? null,
    gatewayLimitBytes: memoryLimitOf(pods?.find(matches)),
  };
}

function allocatableOf({ status }: KubeObject): { readonly pods?: string } {
  return ((status ?? {}) as { allocatable?: { pods?: string } }).allocatable ?? {};
}

function phaseOf(status: unknown): string {
  return ((status ?? {}) as { phase?: string }).phase ?? '';
}

const binaryUnits: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, '': 1, M: 1e6, G: 1e9 };

function memoryLimitOf(pod: KubeObject | undefined): number | null {
  const { containers = [] } = (pod?.spec ?? {}) as {
    containers?: readonly { resources?: { limits?: { memory?: string } } }[];
  };
  const [, digits, unit = ''] = /^(\d+)([A-Za-z]*)$/.exec(containers[0]?.resources?.limits?.memory ?? '') ?? [];
  const factor = binaryUnits[unit];
  return digits === undefined || factor === undefined ? null : Number(digits) * factor;
}

interface InProgress {
  readonly plan: LoadPlan;
  readonly kube: KubeClient;
  readonly probes: ProbeClient;
  readonly ledger: IssuanceLedger;
  readonly address: string;
  readonly signal: AbortSignal;
  tell(phase: string): void;
}

/** The load itself: requests Certificates, serves each group once it is Ready, and waits until every host is served. */
class LoadInProgress {
  readonly #parts: InProgress;
  readonly #left: number[];
  readonly #problems: string[] = [];
  #served = 0;
  #lastProgressAt = Date.now();
  readonly #allServed = Promise.withResolvers<void>();

  constructor(parts: InProgress) {
    this.#parts = parts;
    const { plan } = parts;
    this.#left = Array.from(
      { length: gatewayCount(plan) },
      (_, gateway) => certificatesOfGateway(plan, gateway).length,
    );
  }

  get problems(): readonly string[] {
    return this.#problems;
  }

  /** @returns why it ended early, with what was last seen; null if every host is served */
  async perform(): Promise<string | null> {
    const { plan, probes, ledger, address, tell } = this.#parts;
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#parts.signal, ended.signal]);
    const hosts = new ServedHosts({
      ...{ probes, address, signal },
      hostAt: (index) => hostAt(plan, index),
      onServed: (index, at) => {
        ledger.note(index, 'served', at);
        this.#lastProgressAt = at;
        this.#served += 1;
        if (this.#served === plan.certificates) this.#allServed.resolve();
      },
    });
    ledger.onReady = (index) => this.#onReady(index, hosts, signal);
    const watches = await this.#watch();
    try {
      const begun = Date.now();
      const requesting = this.#request(begun, signal);
      const stalled = this.#untilStalled(hosts, signal);
      const telling = tellEvery(tellEveryMs, signal, () => {
        const seconds = Math.round((Date.now() - begun) / 1_000);
        tell(`${ledger.ready.count} of ${plan.certificates} Ready, ${this.#served} served, after ${seconds} s`);
      });
      for (const work of [requesting, stalled, telling]) work.catch(() => {});
      const outcome = await Promise.race([this.#allServed.promise.then(() => null), stalled, failureOf(requesting)]);
      return outcome;
    } finally {
      ended.abort(new Error('the load has ended'));
      for (const watch of watches) {
        this.#problems.push(...watch.problems.map(({ message }) => message));
        await watch[Symbol.asyncDispose]();
      }
    }
  }

  async #watch(): Promise<readonly ResourceWatch[]> {
    const { plan, kube, ledger } = this.#parts;
    const watches = watchedKinds.map((kind) =>
      kube.watch(
        { ...kind, namespace: plan.gateway.namespace },
        {
          onEvent: (event) => ledger.take(event),
          project: kind.kind === 'Secret' ? withoutContent : (object) => object,
        },
      ),
    );
    await Promise.all(watches.map(({ listed }) => listed));
    return watches;
  }

  async #request(begun: number, signal: AbortSignal): Promise<void> {
    const { plan, kube, ledger } = this.#parts;
    const indices = Array.from({ length: plan.certificates }, (_, index) => index);
    await forEachConcurrently(indices, requestsAtOnce, async (index) => {
      const due = plan.ratePerSecond === null ? 0 : begun + (index / plan.ratePerSecond) * 1_000 - Date.now();
      if (due > 0) await delay(due, undefined, { signal });
      ledger.note(index, 'requested', Date.now());
      await kube.apply([certificateAt(plan, index)], { signal });
      this.#lastProgressAt = Date.now();
    });
  }

  #onReady(index: number, hosts: ServedHosts, signal: AbortSignal): void {
    const { plan, kube, ledger } = this.#parts;
    this.#lastProgressAt = Date.now();
    const gateway = Math.floor(index / plan.hostsPerGateway);
    const left = (this.#left[gateway] ?? 0) - 1;
    this.#left[gateway] = left;
    if (left !== 0) return;
    kube.apply([gatewayAt(plan, gateway)], { signal }).then(
      () => {
        const indices = certificatesOfGateway(plan, gateway);
        for (const one of indices) ledger.note(one, 'configured', Date.now());
        hosts.add(indices);
      },
      (error: unknown) => {
        if (!signal.aborted) this.#problems.push(messageOf(error));
      },
    );
  }

  async #untilStalled(hosts: ServedHosts, signal: AbortSignal): Promise<string> {
    const { plan, ledger } = this.#parts;
    for (;;) {
      const idleMs = Date.now() - this.#lastProgressAt;
      if (idleMs >= within.progress) {
        const said = ledger.reasons.slice(0, 3).map(([reason, count]) => `${count} × ${reason}`);
        return `Nothing became Ready or served for ${within.progress / 1_000} s: ${ledger.ready.count} of ${plan.certificates} were Ready, ${this.#served} served. Challenges say: ${said.join('; ') || 'nothing'}. Gateway: ${hosts.lastSeen}.`;
      }
      await delay(within.progress - idleMs, undefined, { signal });
    }
  }
}

/** What the API server stores of a Secret is counted, and its content forgotten. */
function withoutContent(secret: KubeObject): KubeObject {
  const { data } = secret as { data?: Readonly<Record<string, string>> };
  if (data === undefined) return secret;
  const blank = Object.entries(data).map(([key, value]) => [key, ' '.repeat(value.length)] as const);
  return { ...secret, data: Object.fromEntries(blank) };
}

/** Rejects as the work does, and otherwise never settles. */
function failureOf(work: Promise<void>): Promise<never> {
  return new Promise((_, reject) => work.catch(reject));
}

async function tellEvery(everyMs: number, signal: AbortSignal, tell: () => void): Promise<void> {
  for (;;) {
    await delay(everyMs, undefined, { signal });
    tell();
  }
}

interface ServedAgain {
  readonly plan: LoadPlan;
  readonly probes: ProbeClient;
  readonly address: string;
  readonly signal: AbortSignal;
}

async function untilServedAgain({ plan, probes, address, signal }: ServedAgain): Promise<void> {
  const ended = new AbortController();
  const all = Promise.withResolvers<void>();
  let served = 0;
  const hosts = new ServedHosts({
    ...{ probes, address, signal: AbortSignal.any([signal, ended.signal]) },
    hostAt: (index) => hostAt(plan, index),
    onServed: () => {
      served += 1;
      if (served === plan.certificates) all.resolve();
    },
  });
  hosts.add(Array.from({ length: plan.certificates }, (_, index) => index));
  const withinMs = within.servedAgain;
  const timer = setTimeout(
    () =>
      all.reject(new TimeoutError('every host to be served again', withinMs, `${served} served; ${hosts.lastSeen}`)),
    withinMs,
  );
  const interrupted = () => all.reject(signal.reason);
  signal.addEventListener('abort', interrupted, { once: true });
  try {
    await all.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupted);
    ended.abort(new Error('every host is served'));
  }
}
