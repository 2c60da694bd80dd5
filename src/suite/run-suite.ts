import { randomBytes, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RunningEnvironment } from '../environment/environment.ts';
import { labelled } from '../environment/run-label.ts';
import { BrowserClient } from '../evidence/browser/browser-client.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { createForeignRoot } from '../evidence/probes/foreign-root.ts';
import { ProbeClient, probeAgent } from '../evidence/probes/probe-client.ts';
import type { ScenarioFault } from '../faults/fault.ts';
import { KubeClient } from '../kube/client.ts';
import { programFile } from '../program-file.ts';
import type { RunEventBody } from '../progress/run-event.ts';
import { askCa } from './acme/acme-client.ts';
import { type Capabilities, capabilitiesOf } from './context/capabilities.ts';
import { rootsOfCa } from './context/roots-of-ca.ts';
import type { ScenarioNames } from './context/scenario-names.ts';
import { reportingObserver } from './context/scenario-observer.ts';
import { whyNot } from './features.ts';
import { Recorders } from './recorders.ts';
import { runScenario, type ScenarioRun } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { skippedScenario } from './skipped-scenario.ts';

const browserAgent = programFile(import.meta.dirname, '..', 'evidence', 'browser', 'browser-agent');

interface SuiteRequest {
  /** `run-` and an id of a few letters and digits, which host names and namespaces contain, too. Default: a new one. */
  readonly run?: string;
  readonly scenarios: readonly Scenario[];
  readonly environment: RunningEnvironment;
  readonly httpbinImage: string;
  readonly fault: ScenarioFault | null;
  /** Which one of several runs of the scenarios it is, from 1: later ones have other host names and namespaces. */
  readonly repetition?: number;
  /** Once it aborts, no scenario starts, and those that go on end: they remove what they made, and count as skipped. */
  readonly stop?: AbortSignal;
  /** Whether a browser visits the served host. */
  readonly browser: boolean;
  /** Called with the id of a scenario that did not pass, before its objects are removed. */
  onFailure(scenario: string, names: ScenarioNames): Promise<void>;
  /** Keeps the objects of the last scenarios. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  /** Receives the events of the scenarios. */
  tell(event: RunEventBody): void;
}

/** A suite that ran. */
export interface SuiteRun {
  readonly scenarios: readonly ScenarioRun['report'][];
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** Screenshots of the browser, PNG, by scenario id. */
  readonly pictures: ReadonlyMap<string, Buffer>;
  readonly kubernetesVersion: string;
  /** What the recorders could not see, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Runs scenarios: in parallel, and afterwards one by one those that change something for the whole cluster.
 *
 * @throws the signal's reason when interrupted
 */
export async function runSuite(request: SuiteRequest): Promise<SuiteRun> {
  const { environment, scenarios, signal, stop } = request;
  const started = new Set<string>();
  await using kube = await KubeClient.open({
    path: environment.kubeconfig,
    context: environment.context,
    istio: environment.istio,
  });
  const agent = environment.spawnOutside([process.execPath, probeAgent]);
  await using probes = new ProbeClient(agent);
  await using browser = request.browser
    ? new BrowserClient(environment.spawnOutside([process.execPath, browserAgent]))
    : null;
  const [foreignRoot, caRoots, directoryCa, version] = await Promise.all([
    createForeignRoot(),
    rootsOfCa(environment, probes),
    environment.ca.directoryCaFile === null ? '' : readFile(environment.ca.directoryCaFile, 'utf8'),
    kube.version(signal),
  ]);
  const trustedRoots = request.fault?.inScenario.trustsForeignRoot ? [await createForeignRoot()] : caRoots;
  const run = request.run ?? newRunName();
  const rootNames = caRoots.map((pem) => commonNameOf(pem));
  const capabilities = capabilitiesOf(environment, {
    rootNames,
    profiles: await advertisedProfiles(scenarios, environment, directoryCa),
  });
  const reasonAgainst = (scenario: Scenario) => whyNot(scenario, capabilities);
  const runnable = scenarios.filter((scenario) => reasonAgainst(scenario) === null);
  await using recorders = await Recorders.start(
    kube,
    environment,
    runnable.map((scenario) => namesOf(scenario, run, request).namespace),
    foreignRoot,
    runnable.flatMap((scenario) => {
      const { gatewayPods: labelSelector } = scenario;
      return labelSelector === undefined ? [] : { labelSelector, namespace: namesOf(scenario, run, request).namespace };
    }),
  );

  const runOne = async (scenario: Scenario, keep: boolean): Promise<ScenarioRun> => {
    const tell = (event: RunEventBody) => request.tell(event);
    tell({ kind: 'scenario-started', scenario: scenario.id });
    const names = namesOf(scenario, run, request);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: names.namespace } };
    await kube.apply([labelled(namespace, run)], { signal });
    started.add(scenario.id);
    const ended = await runScenario({
      scenario,
      recorders,
      keep,
      onFailure: request.onFailure,
      parts: {
        fault: request.fault,
        run,
        names,
        environment,
        kube,
        outside: probes,
        browser,
        caRoots: trustedRoots,
        foreignRoot,
        capabilities,
        directoryCa,
        httpbinImage: request.httpbinImage,
        signal: stop === undefined ? signal : AbortSignal.any([signal, stop]),
        ...reportingObserver(scenario.id, tell),
      },
    });
    const { result, durationMs } = ended.report;
    tell({ kind: 'scenario-ended', scenario: scenario.id, result, durationMs });
    return ended;
  };

  const together = runnable.filter(({ changesClusterWide }) => changesClusterWide === null && stop?.aborted !== true);
  const alone = runnable.filter(({ changesClusterWide }) => changesClusterWide !== null);
  // Each scenario removes its objects before the next step, even if another one failed.
  const settled = await Promise.allSettled(
    together.map((scenario) => runOne(scenario, request.keep && alone.length === 0)),
  );
  // Whatever a scenario that was stopped says of it: the failure that counts came before.
  const isStopped = () => stop?.aborted === true && !signal.aborted;
  const runs = settled.flatMap((outcome) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    if (isStopped()) return [];
    throw outcome.reason;
  });
  for (const scenario of alone) {
    if (stop?.aborted === true) continue;
    try {
      runs.push(await runOne(scenario, request.keep && scenario === alone.at(-1)));
    } catch (error) {
      if (!isStopped()) throw error;
    }
  }

  const inOrder = runnable.flatMap(({ id }) => runs.filter(({ report }) => report.id === id));
  return {
    scenarios: scenarios.flatMap((scenario) => {
      if (!inOrder.some(({ report }) => report.id === scenario.id))
        return skippedScenario(scenario, reasonAgainst(scenario));
      return inOrder.flatMap(({ report }) => (report.id === scenario.id ? report : []));
    }),
    evidence: new Map(inOrder.map(({ report, evidence }) => [report.id, evidence])),
    pictures: new Map(inOrder.flatMap(({ report, picture }) => (picture === null ? [] : [[report.id, picture]]))),
    kubernetesVersion: version.gitVersion,
    problems: [
      ...scenarios.flatMap((scenario) => {
        const reason = reasonAgainst(scenario);
        return reason === null ? [] : `${scenario.id} is not applicable, because: ${reason}`;
      }),
      ...runnable.flatMap(({ id }) =>
        inOrder.some(({ report }) => report.id === id)
          ? []
          : started.has(id)
            ? `${id} was ended before its time: another scenario failed.`
            : `${id} was skipped: another scenario failed before.`,
      ),
      ...new Set(inOrder.flatMap(({ evidence, warnings }) => [...warnings, ...evidence.problems])),
    ],
  };
}

/** A new name for a run, as used in its label. */
export function newRunName(): string {
  return `run-${randomBytes(3).toString('hex')}`;
}

function namesOf(
  { id }: Scenario,
  run: string,
  { environment, repetition = 1 }: Pick<SuiteRequest, 'environment' | 'repetition'>,
): ScenarioNames {
  const { domain, gateway, belongsToOthers } = environment;
  // The run's own letters stay at the end, by which what is left of it is found.
  const runId = `${repetition === 1 ? '' : `r${repetition}-`}${run.replace(/^run-/, '')}`;
  const namespace = `${id}-${runId}`;
  return {
    host: `${id}-${runId}.${domain}`,
    namespace,
    gateway,
    applicationNamespace: belongsToOthers ? namespace : 'default',
    suffix: belongsToOthers ? `-${runId}` : '',
  };
}

/** The profiles in the directory, if a scenario depends on them. */
async function advertisedProfiles(
  scenarios: readonly Scenario[],
  environment: RunningEnvironment,
  directoryCa: string,
): Promise<Capabilities['profiles']> {
  if (scenarios.every(({ features }) => !features.includes('profile'))) return [];
  const { directoryUrl } = environment.ca;
  const trustedRoots = directoryCa === '' ? null : directoryCa;
  return (await askCa(environment, { directoryUrl, trustedRoots, revoke: null })).profiles;
}

function commonNameOf(pem: string): string {
  return /^CN=(.*)$/m.exec(new X509Certificate(pem).subject)?.[1] ?? '';
}
