import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningEnvironment } from '../environment/environment.ts';
import { BrowserClient } from '../evidence/browser-client.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { createForeignRoot } from '../evidence/foreign-root.ts';
import { ProbeClient } from '../evidence/probe-client.ts';
import { KubeClient } from '../kube/client.ts';
import { UserError } from '../user-error.ts';
import { Recorders } from './recorders.ts';
import { runScenario, type ScenarioRun } from './run-scenario.ts';
import type { Sabotage } from './sabotage.ts';
import type { Scenario } from './scenario.ts';
import { type ScenarioEvent, tellingObserver } from './scenario-event.ts';

const probeAgent = join(import.meta.dirname, '..', 'evidence', 'probe-agent.ts');
const browserAgent = join(import.meta.dirname, '..', 'evidence', 'browser-agent.ts');
const rootRequestWithinMs = 10_000;

interface SuiteRequest {
  readonly scenarios: readonly Scenario[];
  readonly environment: RunningEnvironment;
  readonly httpbinImage: string;
  readonly sabotage: Sabotage | null;
  /** Whether a browser looks at what is served. */
  readonly browser: boolean;
  /** Called with the id of a scenario that did not pass, while everything that it made is still there. */
  onFailure(scenario: string): Promise<void>;
  /** Leaves what the last scenarios made. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  onScenario(event: ScenarioEvent): void;
}

/** A suite that ran. */
export interface SuiteRun {
  readonly scenarios: readonly ScenarioRun['report'][];
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** PNG files of what the browser showed, by scenario id. */
  readonly pictures: ReadonlyMap<string, Buffer>;
  readonly kubernetesVersion: string;
  /** What the recorders could not see, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Runs scenarios: those that can, side by side; then, one after the other, those that change something cluster-wide.
 *
 * @throws the signal's reason when interrupted
 */
export async function runSuite(request: SuiteRequest): Promise<SuiteRun> {
  const { environment, scenarios, signal } = request;
  await using kube = await KubeClient.open({ path: environment.kubeconfig });
  const agent = environment.spawnOutside([process.execPath, probeAgent]);
  await using probes = new ProbeClient(agent);
  await using browser = request.browser
    ? new BrowserClient(environment.spawnOutside([process.execPath, browserAgent]))
    : null;
  const [foreignRoot, caRoots, directoryCa, version] = await Promise.all([
    createForeignRoot(),
    environment.ca.roots((url, address, root) => getText(probes, url, address, root)),
    environment.ca.directoryCaFile === null ? '' : readFile(environment.ca.directoryCaFile, 'utf8'),
    kube.version(signal),
  ]);
  const trustedRoots = request.sabotage?.trustsForeignRoot ? [await createForeignRoot()] : caRoots;
  await using recorders = await Recorders.start(kube, environment.ca, trustedRoots, foreignRoot);
  const runId = randomBytes(3).toString('hex');

  const runOne = async (scenario: Scenario, keep: boolean): Promise<ScenarioRun> => {
    const say = (event: ScenarioEvent) => request.onScenario(event);
    say({ scenario: scenario.id, event: 'started' });
    const namespace = `${scenario.id}-${runId}`;
    await kube.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }], { signal });
    const run = await runScenario({
      scenario,
      recorders,
      keep,
      onFailure: request.onFailure,
      parts: {
        sabotage: request.sabotage,
        names: { host: `${scenario.id}-${runId}.${environment.domain}`, namespace },
        environment,
        kube,
        probes,
        browser,
        caRoots: trustedRoots,
        foreignRoot,
        directoryCaBundle: Buffer.from(directoryCa).toString('base64'),
        httpbinImage: request.httpbinImage,
        signal,
        ...tellingObserver(scenario.id, say),
      },
    });
    say({ scenario: scenario.id, event: 'ended', result: run.report.result, durationMs: run.report.durationMs });
    return run;
  };

  const together = scenarios.filter(({ changesClusterWide }) => changesClusterWide === null);
  const alone = scenarios.filter(({ changesClusterWide }) => changesClusterWide !== null);
  const runs = await Promise.all(together.map((scenario) => runOne(scenario, request.keep && alone.length === 0)));
  for (const scenario of alone) runs.push(await runOne(scenario, request.keep && scenario === alone.at(-1)));

  const inOrder = scenarios.flatMap(({ id }) => runs.filter(({ report }) => report.id === id));
  return {
    scenarios: inOrder.map(({ report }) => report),
    evidence: new Map(inOrder.map(({ report, evidence }) => [report.id, evidence])),
    pictures: new Map(inOrder.flatMap(({ report, picture }) => (picture === null ? [] : [[report.id, picture]]))),
    kubernetesVersion: version.gitVersion,
    problems: [...new Set(inOrder.flatMap(({ evidence }) => evidence.problems))],
  };
}

/** Fetches a small text from outside the cluster. @throws UserError (3) where it does not come */
async function getText(probes: ProbeClient, url: string, address: string, root: string): Promise<string> {
  const probe = await probes.http({
    name: 'ca-root',
    url,
    address,
    trust: 'ca-roots',
    roots: [root],
    withinMs: rootRequestWithinMs,
  });
  if ('status' in probe.outcome && probe.outcome.status === 200) return probe.outcome.body;
  const seen = 'error' in probe.outcome ? probe.outcome.error : `status ${probe.outcome.status}`;
  throw new UserError(`The CA's root could not be fetched from ${url}: ${seen}.`, { exitCode: 3 });
}
