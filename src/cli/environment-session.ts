import { type BuildEvent, BuildProgress, buildComponents, type Components } from '../components/index.ts';
import { type RunningCell, startCell } from '../environment/cell/cell.ts';
import { checkRequirements } from '../environment/cell/requirements.ts';
import { KubeClient, preloadKubeClient } from '../kube/client.ts';
import { installPlatform, platformManifests } from '../platform/install.ts';
import { UserError } from '../user-error.ts';

/** @throws UserError (3) that names all a cell lacks on this machine */
export async function requireMachine(): Promise<void> {
  const missing = (await checkRequirements()).filter(({ met }) => !met);
  if (missing.length === 0) return;
  throw new UserError(`This machine cannot run a cell: ${missing.map(({ message }) => message).join('; ')}.`, {
    exitCode: 3,
  });
}

/** Builds what is missing, showing it on stderr. */
export async function builtComponents(signal: AbortSignal): Promise<Components> {
  using progress = new BuildProgress();
  return await buildComponents({ signal, onProgress: (event: BuildEvent) => progress.show(event) });
}

interface UpRequest {
  readonly name: string;
  readonly components: Components;
  readonly subnet: number | undefined;
  readonly signal: AbortSignal;
}

/** A line on stderr with the time since a moment. */
export function timedLines(started = performance.now()): (text: string) => void {
  return (text) =>
    process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
}

/** Starts a cell and installs Istio, cert-manager and cluster DNS on it. On failure nothing of it is left. */
export async function bringUp({ name, components, subnet, signal }: UpRequest): Promise<RunningCell> {
  const say = timedLines();
  // While the API server starts, one core waits: render, and load what speaks to it.
  const preparing = Promise.all([platformManifests(components), preloadKubeClient()]);
  preparing.catch(() => {});
  const cell = await startCell({
    name,
    components,
    slot: subnet,
    signal,
    onPhase: (phase) => say(`cell: ${phase.replaceAll('-', ' ')}`),
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
      onPhase: (phase) => say(`platform: ${phase}`),
    });
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
