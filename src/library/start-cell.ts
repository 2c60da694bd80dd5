import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { startEnvironment } from '../bring-up/start-environment.ts';
import type { CheckResult } from '../checks/judge.ts';
import type { RunningEnvironment } from '../environment/environment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { ProbeClient, probeAgent } from '../evidence/probes/probe-client.ts';
import { KubeClient } from '../kube/client.ts';
import { hasLoadBalancer, loadBalancerAddress } from '../kube/load-balancer-address.ts';
import { modulePlaces } from '../own-scenarios/module-places.ts';
import { completed, type OwnScenario, scenario as validated } from '../own-scenarios/own-scenario.ts';
import { readOwnScenarios } from '../own-scenarios/read-own-scenarios.ts';
import { imageOf } from '../platform/component-image.ts';
import { openRunViews } from '../progress/open-run-views.ts';
import { RunNarrator } from '../progress/run-narrator.ts';
import { rootsOfCa } from '../suite/context/roots-of-ca.ts';
import { runSuite } from '../suite/run-suite.ts';
import type { Scenario } from '../suite/scenario.ts';
import { chooseTimeScale, scaled } from '../time-scale.ts';
import { UserError } from '../user-error.ts';

const httpbin = 'docker.io/mccutchen/go-httpbin';
const addressWithinMs = 15_000;

/** How a cell is started. */
export interface CellOptions {
  /** Its name on this machine, in `padlock status`. Default: a new one. */
  readonly name?: string;
  /** Whether what happens is told on stderr. Default: no. */
  readonly progress?: boolean;
  /** Ends the start, and whatever goes on in the cell. */
  readonly signal?: AbortSignal;
}

/** The CA of a cell. */
export interface CellCa {
  /** The URL of its ACME directory, as cert-manager in the cell and clients outside reach it. */
  readonly directoryUrl: string;
  /** PEM: the root of the directory's own TLS certificate, for an Issuer's `caBundle`; null if it is a public one. */
  readonly directoryRoot: string | null;
  /** PEM: the roots at which the chains that it issues end. */
  readonly roots: readonly string[];
}

/** What a scenario came to. */
export interface ScenarioOutcome {
  readonly id: string;
  /** `error` if it threw or a wait ran out; `skipped` if it cannot run in a cell. */
  readonly result: 'passed' | 'failed' | 'error' | 'skipped';
  /** Why it ended early, one sentence; null if it did not. */
  readonly error: string | null;
  readonly checks: readonly CheckResult[];
  /** What was recorded; the matcher `toPass` and `padlock judge` judge it. */
  readonly evidence: Evidence;
}

/** A real Kubernetes in Linux namespaces of this machine, with Istio, cert-manager, DNS and an ACME CA. */
export class Cell implements AsyncDisposable {
  readonly name: string;
  /** The path of its kubeconfig. */
  readonly kubeconfig: string;
  /** The domain whose names it can create, e.g. `padlock.test`. */
  readonly domain: string;
  /** The Service of Istio's ingress gateway. */
  readonly gateway: { readonly namespace: string; readonly service: string };
  readonly ca: CellCa;
  readonly #environment: RunningEnvironment;
  readonly #narrator: RunNarrator;
  readonly #httpbinImage: string;
  readonly #signal: AbortSignal;

  /** @internal */
  constructor(parts: {
    environment: RunningEnvironment;
    ca: CellCa;
    narrator: RunNarrator;
    httpbinImage: string;
    signal: AbortSignal;
  }) {
    const { environment, ca, narrator, httpbinImage, signal } = parts;
    this.name = environment.name;
    this.kubeconfig = environment.kubeconfig;
    this.domain = environment.domain;
    this.gateway = { namespace: environment.gateway.namespace, service: environment.gateway.service };
    this.ca = ca;
    this.#environment = environment;
    this.#narrator = narrator;
    this.#httpbinImage = httpbinImage;
    this.#signal = signal;
  }

  /**
   * Points a host name of the cell's domain at its ingress gateway or at an IPv4 address, for Pods, the CA and clients alike. Earlier
   * addresses are replaced.
   *
   * @throws Error if the host is not below the domain
   */
  async pointHostAt(host: string, target: string): Promise<void> {
    if (!host.endsWith(`.${this.domain}`)) {
      throw new UserError(`The cell can point only names below ${this.domain} at addresses, not ${host}.`);
    }
    await this.#environment.setAddresses(host, [target === 'gateway' ? await this.#gatewayAddress() : target]);
  }

  /**
   * Runs one scenario, judges what was recorded, and removes what the scenario made.
   *
   * @param wanted a scenario, or the path of one: a module, a YAML document or its folder
   * @throws Error where the scenario is not right, with file and line. One that fails is an outcome.
   */
  async run(
    wanted: OwnScenario | string,
    { browser = true }: { readonly browser?: boolean } = {},
  ): Promise<ScenarioOutcome> {
    const scenario = await oneScenario(wanted);
    const { scenarios, evidence, problems } = await runSuite({
      ...{ scenarios: [scenario], environment: this.#environment, httpbinImage: this.#httpbinImage, browser },
      ...{ fault: null, keep: false, signal: this.#signal },
      onFailure: async () => {},
      tell: this.#narrator.tell,
    });
    const [report] = scenarios;
    const recorded = evidence.get(scenario.id);
    if (report === undefined || recorded === undefined)
      throw new UserError(problems[0] ?? `${scenario.id} did not run.`);
    const { id, result, error, checks } = report;
    return { id, result, error: error?.message ?? null, checks, evidence: recorded };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#environment.down();
    } finally {
      this.#narrator.end('ready');
    }
  }

  async #gatewayAddress(): Promise<string> {
    const { kubeconfig, gateway } = this;
    await using kube = await KubeClient.open({ path: kubeconfig });
    const service = await kube.waitFor(
      { apiVersion: 'v1', kind: 'Service', namespace: gateway.namespace },
      hasLoadBalancer(gateway.service),
      { what: `Service ${gateway.namespace}/${gateway.service} to get an address`, withinMs: scaled(addressWithinMs) },
    );
    const address = await loadBalancerAddress(service);
    if (address === null) throw new Error(`Service ${gateway.namespace}/${gateway.service} has no address.`);
    return address;
  }
}

/**
 * Starts a cell, which takes seconds once its components are built. `await using cell = await startCell()` removes it at the end of the
 * block; it never outlives this process. Needs Linux and root, as `padlock run` does.
 *
 * @throws Error with exit code 3 in `exitCode` where this machine lacks something or a start failed; nothing of it is left
 */
export async function startCell(options: CellOptions = {}): Promise<Cell> {
  const { name = `test-${randomBytes(3).toString('hex')}`, progress = false } = options;
  const signal = options.signal ?? new AbortController().signal;
  chooseTimeScale(null);
  const narrator = new RunNarrator({ command: 'up', views: progress ? openRunViews({}) : [], signal });
  try {
    const { environment, components } = await startEnvironment({
      ...{ kind: 'cell', name, outlives: false, narrator, signal },
    });
    try {
      if (components === null) throw new Error('a cell is made of components');
      return new Cell({
        ...{ environment, narrator, signal },
        ca: await caOf(environment),
        httpbinImage: imageOf(components, httpbin).name,
      });
    } catch (error) {
      await environment.down();
      throw error;
    }
  } catch (error) {
    narrator[Symbol.dispose]();
    throw error;
  }
}

async function caOf(environment: RunningEnvironment): Promise<CellCa> {
  const { directoryUrl, directoryCaFile } = environment.ca;
  await using probes = new ProbeClient(environment.spawnOutside([process.execPath, probeAgent]));
  return {
    directoryUrl,
    directoryRoot: directoryCaFile === null ? null : await readFile(directoryCaFile, 'utf8'),
    roots: await rootsOfCa(environment, probes),
  };
}

async function oneScenario(wanted: OwnScenario | string): Promise<Scenario> {
  if (typeof wanted !== 'string') return completed(validated(wanted), modulePlaces(wanted.manifests, wanted.manifests));
  const [one, another] = await readOwnScenarios(wanted, new Map());
  if (one === undefined || another !== undefined) {
    throw new UserError(`Name one scenario: ${wanted} has ${one?.id} and ${another?.id}.`);
  }
  return one;
}
