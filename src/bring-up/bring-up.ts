import type { Components } from '../components/index.ts';
import type { RunningEnvironment } from '../environment/environment.ts';
import type { FailedEnvironment, PreparedEnvironment } from '../environment/provider.ts';
import type { ChosenParts } from '../platform/platform-versions.ts';
import type { RunNarrator } from '../progress/run-narrator.ts';
import { timeScale } from '../time-scale.ts';
import { platformInstaller } from './platform-installer.ts';

interface BringUpRequest {
  readonly name: string;
  /** Null if the environment needs none. */
  readonly components: Components | null;
  /** The parts that are installed at another version than the pinned one. */
  readonly chosen: ChosenParts;
  readonly narrator: RunNarrator;
  readonly signal: AbortSignal;
  /** Called if it did not start or the platform could not be installed, before anything of it is removed. */
  onFailure?(failed: FailedEnvironment): Promise<void>;
}

/** An environment with the platform on it. */
export interface BroughtUp {
  readonly environment: RunningEnvironment;
  /** In milliseconds, with the platform; null for an environment that was up. */
  readonly upMs: number | null;
}

/**
 * Starts an environment of any kind with Istio, cert-manager and the Gateway API on it, or takes the one that is up. On failure
 * nothing of it is left.
 *
 * @throws UserError, KubeError, TimeoutError
 */
export async function bringUp(prepared: PreparedEnvironment, request: BringUpRequest): Promise<BroughtUp> {
  const { name, components, chosen, narrator, signal } = request;
  const onPhase = (part: 'cell' | 'platform', phase: string) =>
    narrator.tell({ kind: `${part}-phase`, environment: name, phase });
  const steps = {
    ...{ components, signal, onPhase },
    ...(request.onFailure === undefined ? {} : { onFailure: request.onFailure }),
  };
  if (prepared.isUp) return { environment: await prepared.start({ ...steps, platform: null }), upMs: null };
  const started = performance.now();
  narrator.tell({ kind: 'environment-starting', environment: name });
  const platform =
    components === null ? null : platformInstaller(components, chosen, (phase) => onPhase('platform', phase));
  const environment = await prepared.start({ ...steps, platform });
  const upMs = Math.round(performance.now() - started);
  if (timeScale() !== 1) {
    const scale = `all time limits are ${timeScale()} times those of an ordinary machine`;
    narrator.tell({ kind: 'run-phase', phase: scale });
  }
  narrator.tell({ kind: 'environment-ready', environment: name, durationMs: upMs });
  return { environment, upMs };
}
