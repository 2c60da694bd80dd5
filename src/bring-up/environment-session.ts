import { type BuildEvent, buildComponents, type Components } from '../components/index.ts';
import { type RunningCell, startCell } from '../environment/cell/cell.ts';
import { checkRequirements } from '../environment/cell/requirements.ts';
import type { RunningEnvironment } from '../environment/environment.ts';
import type { RunningKind } from '../environment/kind/kind.ts';
import { KubeClient, preloadKubeClient } from '../kube/client.ts';
import { installPlatform, platformManifests } from '../platform/install.ts';
import { type ChosenParts, type PlatformVersions, pinnedParts } from '../platform/platform-versions.ts';
import type { RunNarrator } from '../progress/run-narrator.ts';
import { UserError } from '../user-error.ts';

/** @throws UserError (3) that names all a cell lacks on this machine */
export async function requireMachine(): Promise<void> {
  const missing = (await checkRequirements()).filter(({ optional, met }) => !optional && !met);
  if (missing.length === 0) return;
  throw new UserError(`This machine cannot run a cell: ${missing.map(({ message }) => message).join('; ')}.`, {
    exitCode: 3,
  });
}

/**
 * Builds the components that are not in the cache, and reports the progress.
 *
 * @param besides optional components, by id, to build besides those that every run needs
 */
export async function builtComponents(
  narrator: RunNarrator,
  signal: AbortSignal,
  besides: readonly string[] = [],
): Promise<Components> {
  narrator.tell({ kind: 'run-phase', phase: 'checking the components' });
  return await buildComponents({ besides, signal, onProgress: (event) => tellBuild(narrator, event) });
}

/** Tells an event of a build; what is in the cache already is no news. */
export function tellBuild({ tell }: RunNarrator, event: BuildEvent): void {
  switch (event.event) {
    case 'cached':
      return;
    case 'waiting':
      tell({ kind: 'build-waiting' });
      return;
    case 'damaged':
      tell({ kind: 'build-damaged', component: event.id, files: [...event.files] });
      return;
    case 'started':
      tell({ kind: 'build-started', component: event.id, expectedMs: event.expectedMs });
      return;
    case 'finished':
      tell({ kind: 'build-ended', component: event.id, durationMs: event.elapsedMs });
      return;
  }
}

interface UpRequest {
  /** Called where the platform could not be installed, while the environment is still there. */
  onFailure?(environment: RunningEnvironment): Promise<void>;
  readonly name: string;
  readonly components: Components;
  readonly subnet: number | undefined;
  /** What is installed at another version than the pinned one. */
  readonly chosen?: ChosenParts;
  readonly narrator: RunNarrator;
  readonly signal: AbortSignal;
}

/** Why an environment cannot have a version that was chosen, at the end of a sentence. */
const ownVersions = {
  cell: 'a cell has the one version that Padlock builds',
  existing: 'an existing cluster has its own',
} as const;

/**
 * The versions to install. A cell runs the programs that `components/` pins: only of the Gateway API, which is definitions alone,
 * it takes any version.
 *
 * @throws UserError (2) for a choice that the environment cannot have
 */
export function versionsOf(
  environment: 'cell' | 'kind' | 'existing',
  { istio, certManager, gatewayApi }: PlatformVersions,
): PlatformVersions {
  if (environment !== 'kind') {
    const fixed = {
      istio,
      'cert-manager': certManager,
      'gateway-api': environment === 'existing' ? gatewayApi : undefined,
    };
    for (const [option, version] of Object.entries(fixed)) {
      if (version === undefined) continue;
      throw new UserError(
        `--${option} ${version}: ${ownVersions[environment]}; choose versions with --environment kind.`,
      );
    }
  }
  return { istio, certManager, gatewayApi };
}

/** Starts a cell and installs Istio, cert-manager and cluster DNS on it. On failure nothing of it is left. */
export async function bringUp({ subnet, ...request }: UpRequest): Promise<RunningCell> {
  const { name, components, narrator, signal } = request;
  return await withPlatform(request, async () => {
    const cell = await startCell({
      name,
      components,
      slot: subnet,
      signal,
      onPhase: (phase) => narrator.tell({ kind: 'cell-phase', environment: name, phase }),
    });
    return { environment: cell, clusterDnsAddress: cell.network.clusterDnsAddress };
  });
}

/** What the command line asks of a kind environment. */
export interface KindOptions extends PlatformVersions {
  readonly nodeImage?: string;
  readonly kubernetes?: string;
  readonly imageArchive?: string;
  readonly registryMirror?: string;
  readonly provider?: string;
  readonly kindConfig?: string;
}

interface KindUpRequest extends Omit<UpRequest, 'subnet'> {
  readonly options: KindOptions;
  /** Whether it may outlive this process. */
  readonly outlives: boolean;
}

/** Starts a kind cluster and installs Istio and cert-manager on it. On failure nothing of it is left. */
export async function bringUpKind({ options, outlives, ...request }: KindUpRequest): Promise<RunningKind> {
  const { name, narrator, signal } = request;
  return await withPlatform(request, async () => {
    // Loaded where it is used: its client of the container engine takes a while.
    const { startKind } = await import('../environment/kind/kind.ts');
    const environment = await startKind({
      name,
      nodeImage: options.nodeImage ?? null,
      kubernetesVersion: options.kubernetes ?? null,
      imageArchives: options.imageArchive ?? null,
      registryMirror: options.registryMirror ?? null,
      configuration: options.kindConfig ?? null,
      ...(options.provider === undefined ? {} : { provider: options.provider }),
      outlives,
      signal,
      onPhase: (phase) => narrator.tell({ kind: 'platform-phase', environment: name, phase: `kind: ${phase}` }),
    });
    return { environment, clusterDnsAddress: null };
  });
}

interface Started<Environment> {
  readonly environment: Environment;
  /** Null where the environment brings cluster DNS of its own. */
  readonly clusterDnsAddress: string | null;
}

/** Starts an environment and installs the platform on it. On failure nothing of it is left. */
async function withPlatform<Environment extends RunningEnvironment>(
  { name, components, chosen = pinnedParts, narrator, signal, onFailure }: Omit<UpRequest, 'subnet'>,
  start: () => Promise<Started<Environment>>,
): Promise<Environment> {
  const started = performance.now();
  narrator.tell({ kind: 'environment-starting', environment: name });
  // While the API server starts, one core waits: render, and load what speaks to it.
  const preparing = Promise.all([platformManifests(components, chosen), preloadKubeClient()]);
  preparing.catch(() => {});
  const { environment, clusterDnsAddress } = await start();
  try {
    const [manifests] = await preparing;
    await using kube = await KubeClient.open({ path: environment.kubeconfig });
    await installPlatform({
      kube,
      components,
      manifests,
      clusterDnsAddress,
      signal,
      onPhase: (phase) => narrator.tell({ kind: 'platform-phase', environment: name, phase }),
    });
    const durationMs = Math.round(performance.now() - started);
    narrator.tell({ kind: 'environment-ready', environment: name, durationMs });
    return environment;
  } catch (error) {
    if (!signal.aborted) await onFailure?.(environment);
    await environment.down();
    throw error;
  }
}

/** How a person reaches a kind environment that is left up. */
export function howToReachKind({ name, kubeconfig }: RunningEnvironment): string {
  return [
    `The kind environment '${name}' is up.`,
    `  export KUBECONFIG=${kubeconfig}`,
    `  padlock run http01-ingress --environment kind --on ${name}   runs a scenario on it`,
    `  padlock down ${name}   removes it`,
    '',
  ].join('\n');
}

/** How a person reaches a cell that is left up. */
export function howToReach(cell: RunningCell): string {
  return [
    `The cell '${cell.name}' is up.`,
    `  export KUBECONFIG=${cell.kubeconfig}`,
    `  LoadBalancer addresses (${cell.network.loadBalancerRange}) are reachable from this machine.`,
    `  padlock run http01-ingress --on ${cell.name}   runs a scenario on it in seconds`,
    `  padlock logs --name ${cell.name}               lists its logs`,
    `  padlock down ${cell.name}                      removes it`,
    '',
  ].join('\n');
}
