import { KubeClient } from '../kube/client.ts';
import type { RunningEnvironment } from './environment.ts';
import { fullDiskOr } from './full-disk-cause.ts';
import { causeOfFailure } from './lost-environment.ts';
import type { StartSteps } from './provider.ts';

interface PlatformChoice {
  /** The address of cluster DNS to install; null if the cluster has its own. */
  readonly clusterDnsAddress: string | null;
  /** Whether the cluster has everything already, from a prepared state. */
  readonly isRestored?: boolean;
  /** Called with everything Available. */
  onInstalled?(kube: KubeClient): Promise<void>;
}

/** Installs the platform on an environment that has just started. On failure nothing is left of either. */
export async function withPlatform<Environment extends RunningEnvironment>(
  environment: Environment,
  { platform, signal, onFailure }: StartSteps,
  { clusterDnsAddress, isRestored = false, onInstalled }: PlatformChoice,
): Promise<Environment> {
  const { lost } = environment;
  const whileThere = lost === undefined ? signal : AbortSignal.any([signal, lost]);
  try {
    if (platform === null) throw new Error('an environment of its own needs a platform');
    const objects = await platform.objects;
    await using kube = await KubeClient.open({ path: environment.kubeconfig });
    await platform.install(kube, { objects, clusterDnsAddress, isRestored, signal: whileThere });
    await onInstalled?.(kube);
    return environment;
  } catch (error) {
    // Before anything is removed.
    const cause = signal.aborted
      ? error
      : await fullDiskOr(
          await causeOfFailure(environment, error, signal),
          `The ${environment.kind} could not be set up`,
        );
    if (!signal.aborted) await onFailure?.({ cause, running: environment, logs: await environment.logs() });
    await environment.down();
    throw cause;
  }
}
