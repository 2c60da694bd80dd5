import { conditionsOf } from './conditions.ts';
import { describeRef, type KubeObject, refOf } from './kube-object.ts';

/** How a container ended (core/v1 ContainerStateTerminated). */
export interface ContainerExit {
  readonly exitCode: number;
  /** e.g. Error, OOMKilled, Completed; null if the kubelet gives none. */
  readonly reason: string | null;
  /** Tells one run of the container from another. */
  readonly containerID: string;
  /** Null if the times are not known. */
  readonly ranMs: number | null;
}

/** A container of a Pod as the kubelet sees it (core/v1 ContainerStatus). */
export interface ContainerState {
  readonly name: string;
  readonly isReady: boolean;
  readonly restarts: number;
  readonly isRunning: boolean;
  /** Null if it runs or has ended. */
  readonly waiting: { readonly reason: string; readonly message: string | null } | null;
  /** How it ended last; null if it never did. */
  readonly lastExit: ContainerExit | null;
}

interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly containerID?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

interface State {
  readonly running?: unknown;
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: Terminated;
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: State;
  readonly lastState?: State;
}

interface Pod extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** The containers of a Pod, init containers first; empty before the kubelet has seen it. */
export function containersOf(pod: KubeObject): readonly ContainerState[] {
  const { initContainerStatuses = [], containerStatuses = [] } = (pod as Pod).status ?? {};
  return [...initContainerStatuses, ...containerStatuses].map((status) => {
    const { state, lastState } = status;
    const terminated = state?.terminated ?? lastState?.terminated;
    const { waiting } = state ?? {};
    const hasDone = state?.terminated?.exitCode === 0;
    return {
      name: status.name,
      isReady: status.ready === true || hasDone,
      restarts: status.restartCount ?? 0,
      isRunning: state?.running !== undefined,
      waiting:
        waiting === undefined ? null : { reason: waiting.reason ?? 'no reason', message: waiting.message ?? null },
      lastExit: terminated === undefined ? null : exitOf(terminated),
    };
  });
}

function exitOf({ exitCode, reason, containerID = '', startedAt, finishedAt }: Terminated): ContainerExit {
  const ranMs = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '');
  return { exitCode, reason: reason ?? null, containerID, ranMs: Number.isNaN(ranMs) ? null : ranMs };
}

/** e.g. `with exit code 137 (OOMKilled), 2 s after its start` */
export function describeExit({ exitCode, reason, ranMs }: ContainerExit): string {
  const named = reason === null ? '' : ` (${reason})`;
  // The API has whole seconds.
  return `with exit code ${exitCode}${named}${ranMs === null ? '' : `, ${Math.round(ranMs / 1000)} s after its start`}`;
}

/** What keeps a container from being ready, e.g. `ended 3 times, last with exit code 1 (Error), 0 s after its start`. */
export function describeContainer({ restarts, isRunning, waiting, lastExit }: ContainerState): string {
  const isLooping = lastExit !== null && (waiting === null || waiting.reason === 'CrashLoopBackOff');
  if (isLooping && !(isRunning && restarts === 0)) {
    const ends = isRunning ? restarts : restarts + 1;
    const ended = `ended ${ends === 1 ? '' : `${ends} times, last `}${describeExit(lastExit)}`;
    return isRunning ? `${ended}; it runs again, but is not ready` : ended;
  }
  if (waiting !== null) {
    const { reason, message } = waiting;
    return `waits (${[reason, message].filter((part) => part !== null).join(': ')})`;
  }
  return isRunning ? 'runs, but is not ready' : 'has not started';
}

/** Why a Pod has no node; null if it has one. */
export function whyUnscheduled(pod: KubeObject): string | null {
  const scheduled = conditionsOf(pod).find(({ type }) => type === 'PodScheduled');
  return scheduled?.status === 'False' ? (scheduled.message ?? scheduled.reason ?? 'no reason given') : null;
}

export function nodeOf(pod: KubeObject): string | null {
  return (pod as Pod).spec?.nodeName ?? null;
}

/** Whether a Pod is one of a Deployment's: its ReplicaSet is named for the Deployment and the hash of the Pod's template. */
export function isPodOf(deployment: string, { metadata }: KubeObject): boolean {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'ReplicaSet');
  return owner !== undefined && owner.name === `${deployment}-${metadata.labels?.['pod-template-hash']}`;
}

export function namePod(pod: KubeObject): string {
  return describeRef(refOf(pod));
}
