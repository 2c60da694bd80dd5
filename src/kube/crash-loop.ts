import type { KubeObject } from './kube-object.ts';
import { type ContainerExit, type ContainerState, containersOf } from './pod-state.ts';

/** Three restarts, so four runs that ended alike: the kubelet waits 10, 20 and 40 s between them. */
const runsThatEndedAlike = 4;
/** A container that works for longer and then ends may have reached more each time. */
const shortRunMs = 15_000;

/** A container that ends again and again in the same way. */
export interface CrashLoop {
  readonly pod: KubeObject;
  readonly container: ContainerState;
}

/**
 * Finds containers in a crash loop that waiting does not heal: as many runs, one after the other, ended soon after their start with the same
 * exit code and reason. It must see the Pod's changes, as an object has only the last two runs.
 */
export class CrashLoopFinder {
  readonly #runsAlike = new Map<string, { exit: ContainerExit; count: number }>();

  /** Takes note of a Pod's state. @returns the crash loop that a container of it is in; null if none is */
  see(pod: KubeObject): CrashLoop | null {
    for (const container of containersOf(pod)) {
      const { lastExit, isReady } = container;
      const key = `${pod.metadata.uid} ${container.name}`;
      if (isReady || lastExit === null) {
        this.#runsAlike.delete(key);
        continue;
      }
      const before = this.#runsAlike.get(key);
      if (before?.exit.containerID === lastExit.containerID) continue;
      const count = before !== undefined && endedAlike(before.exit, lastExit) ? before.count + 1 : 1;
      this.#runsAlike.set(key, { exit: lastExit, count });
      if (count >= runsThatEndedAlike && isShort(lastExit)) return { pod, container };
    }
    return null;
  }
}

function endedAlike(one: ContainerExit, other: ContainerExit): boolean {
  return one.exitCode === other.exitCode && one.reason === other.reason && isShort(one) && isShort(other);
}

/** A container that ends with 0 was not broken by that. */
function isShort({ exitCode, ranMs }: ContainerExit): boolean {
  return exitCode !== 0 && ranMs !== null && ranMs <= shortRunMs;
}
