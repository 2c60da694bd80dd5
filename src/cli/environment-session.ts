import { type BuildEvent, buildComponents, type Components } from '../components/index.ts';
import { type RunningCell, startCell } from '../environment/cell/cell.ts';
import { checkRequirements } from '../environment/cell/requirements.ts';
import { KubeClient, preloadKubeClient } from '../kube/client.ts';
import { installPlatform, platformManifests } from '../platform/install.ts';
import { UserError } from '../user-error.ts';
import type { RunNarrator } from './run-narrator.ts';

/** @throws UserError (3) that names all a cell lacks on this machine */
export async function requireMachine(): Promise<void> {
  const missing = (await checkRequirements()).filter(({ optional, met }) => !optional && !met);
  if (missing.length === 0) return;
  throw new UserError(`This machine cannot run a cell: ${missing.map(({ message }) => message).join('; ')}.`, {
    exitCode: 3,
  });
}

/** Builds what is missing, and tells it. */
export async function builtComponents(narrator: RunNarrator, signal: AbortSignal): Promise<Components> {
  narrator.tell({ kind: 'run-phase', phase: 'checking the components' });
  return await buildComponents({ signal, onProgress: (event) => tellBuild(narrator, event) });
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
  readonly name: string;
  readonly components: Components;
  readonly subnet: number | undefined;
  readonly narrator: RunNarrator;
  readonly signal: AbortSignal;
}

/** Starts a cell and installs Istio, cert-manager and cluster DNS on it. On failure nothing of it is left. */
export async function bringUp({ name, components, subnet, narrator, signal }: UpRequest): Promise<RunningCell> {
  const started = performance.now();
  narrator.tell({ kind: 'environment-starting', environment: name });
  // While the API server starts, one core waits: render, and load what speaks to it.
  const preparing = Promise.all([platformManifests(components), preloadKubeClient()]);
  preparing.catch(() => {});
  const cell = await startCell({
    name,
    components,
    slot: subnet,
    signal,
    onPhase: (phase) => narrator.tell({ kind: 'cell-phase', environment: name, phase }),
  });
  try {
    const [manifests] = await preparing;
    await using kube = await KubeClient.open({ path: cell.kubeconfig });
    await installPlatform({
      kube,
      components,
      manifests,
      clusterDnsAddress: cell.network.clusterDnsAddress,
      signal,
      onPhase: (phase) => narrator.tell({ kind: 'platform-phase', environment: name, phase }),
    });
    const durationMs = Math.round(performance.now() - started);
    narrator.tell({ kind: 'environment-ready', environment: name, durationMs });
    return cell;
  } catch (error) {
    await cell.down();
    throw error;
  }
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
