import type { KubeClient } from './client.ts';
import { CrashLoopFinder } from './crash-loop.ts';
import { type DeploymentName, explainContainer, explainDeployment } from './explain-deployment.ts';
import { isPodOf } from './pod-state.ts';
import { deploymentAvailable, TimeoutError } from './until.ts';

interface DeploymentWait {
  /** What is waited for, if not simply the Deployment by its name. */
  readonly what?: string;
  readonly withinMs: number;
  readonly signal?: AbortSignal;
}

/** A Deployment whose container ends again and again in the same way. The message names it, how it ends and what its log says. */
export class CrashLoopError extends Error {
  override readonly name = 'CrashLoopError';
}

/**
 * Waits until a Deployment is Available. A container in a crash loop that waiting does not heal ends the wait early.
 *
 * @throws CrashLoopError; TimeoutError with the state of its Pods; the signal's reason
 */
export async function waitForDeployment(
  kube: KubeClient,
  deployment: DeploymentName,
  { withinMs, signal, what: named }: DeploymentWait,
): Promise<void> {
  const { namespace, name } = deployment;
  const what = named ?? `Deployment ${namespace}/${name} to be Available`;
  const stop = new AbortController();
  const whole = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const finder = new CrashLoopFinder();
  const fail = async (loop: ReturnType<CrashLoopFinder['see']>) => {
    if (loop === null || stop.signal.aborted) return;
    const why = await explainContainer(kube, loop.pod, loop.container, whole);
    stop.abort(new CrashLoopError(`Gave up waiting for ${what}, as it cannot heal: ${why}.`));
  };
  await using _pods = kube.watch(
    { apiVersion: 'v1', kind: 'Pod', namespace },
    { signal: whole, onEvent: ({ object }) => void (isPodOf(name, object) && fail(finder.see(object))) },
  );
  try {
    await kube.waitFor({ apiVersion: 'apps/v1', kind: 'Deployment', namespace }, deploymentAvailable(name), {
      ...{ what, withinMs, signal: whole },
    });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    const why = await explainDeployment(kube, deployment, signal);
    throw why === null ? error : new TimeoutError(what, withinMs, `${error.lastSeen}; ${why}`);
  } finally {
    stop.abort();
  }
}
