import { isTrue, summarise } from './conditions.ts';
import { describeResource } from './discovery.ts';
import type { KubeObject } from './kube-object.ts';
import type { ResourceWatch, WatchProblem } from './watch.ts';

/** A wait that reached its time limit. The message says what was waited for, for how long, and what was last seen. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly what: string;
  readonly withinMs: number;
  readonly lastSeen: string;

  constructor(what: string, withinMs: number, lastSeen: string) {
    super(`Gave up waiting for ${what} after ${withinMs / 1000} s; last seen: ${lastSeen}.`);
    this.what = what;
    this.withinMs = withinMs;
    this.lastSeen = lastSeen;
  }
}

/** Maps all objects of a watch to the awaited value, or to undefined while it is absent. */
export interface Predicate<Seen> {
  (objects: readonly KubeObject[]): Seen | undefined;
  /** The objects that explain why the value is still absent; all by default. */
  readonly concerns?: (object: KubeObject) => boolean;
}

export interface UntilOptions {
  /** What is waited for, to follow `waiting for`, e.g. `Certificate ns/name to be Ready`. */
  readonly what: string;
  readonly withinMs: number;
  readonly signal?: AbortSignal;
}

const mostSummarised = 5;

/**
 * Waits until a predicate holds for a watch's objects, and resolves with what it gives.
 *
 * @throws TimeoutError at the time limit; an Error if the watch cannot see the objects; the signal's reason
 */
export async function until<Seen>(
  watch: ResourceWatch,
  predicate: Predicate<Seen>,
  { what, withinMs, signal }: UntilOptions,
): Promise<Seen> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Seen>();
  let lastDeleted: KubeObject | undefined;
  const evaluate = () => {
    if (!watch.isListed) return;
    try {
      const seen = predicate(watch.objects);
      if (seen !== undefined) resolve(seen);
    } catch (error) {
      reject(error);
    }
  };
  const considerProblem = ({ kind, message }: WatchProblem) => {
    if (kind === 'refused' || kind === 'failed') reject(new Error(`Cannot wait for ${what}: ${message}`));
  };
  using _subscription = watch.subscribe({
    onEvent: ({ change, object }) => {
      if (change === 'deleted' && (predicate.concerns?.(object) ?? true)) lastDeleted = object;
      evaluate();
    },
    onListed: evaluate,
    onProblem: considerProblem,
  });
  const timer = setTimeout(
    () => reject(new TimeoutError(what, withinMs, lastSeen(watch, predicate, lastDeleted))),
    withinMs,
  );
  const abort = () => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    watch.problems.forEach(considerProblem);
    evaluate();
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function lastSeen(watch: ResourceWatch, predicate: Predicate<unknown>, deleted: KubeObject | undefined): string {
  const problem = watch.problems.at(-1);
  if (!watch.isListed)
    return problem === undefined ? 'no answer from the API server' : withoutFullStop(problem.message);
  const objects = watch.objects.filter((object) => predicate.concerns?.(object) ?? true);
  const summaries = objects.slice(0, mostSummarised).map(summarise);
  if (objects.length > mostSummarised) summaries.push(`and ${objects.length - mostSummarised} more`);
  if (objects.length === 0) {
    if (deleted !== undefined) summaries.push(`${summarise(deleted)}, then deleted`);
    else if (problem?.kind === 'absent' && watch.objects.length === 0) summaries.push(withoutFullStop(problem.message));
    else summaries.push(`no such ${describeResource(watch.selection)}`);
  }
  return summaries.map(withoutFullStop).join('; ');
}

function withoutFullStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

/** An object whose condition is True for its present spec. A name may be `name` or `namespace/name`. */
export function conditionTrue(kind: string, name: string, type: string): Predicate<KubeObject> {
  return predicateOn(kind, name, (object) => isTrue(object, type));
}

/** A Deployment that is Available with all its replicas on its present spec. */
export function deploymentAvailable(name: string): Predicate<KubeObject> {
  return predicateOn('Deployment', name, (deployment) => {
    const replicas = numberIn(deployment.spec, 'replicas') ?? 1;
    const count = (field: string) => numberIn(deployment.status, field) ?? 0;
    return (
      isTrue(deployment, 'Available') &&
      count('observedGeneration') >= (deployment.metadata.generation ?? 0) &&
      count('updatedReplicas') >= replicas &&
      count('availableReplicas') >= replicas &&
      count('replicas') <= count('updatedReplicas')
    );
  });
}

/** No object of that name. */
export function gone(kind: string, name: string): Predicate<true> {
  const concerns = named(kind, name);
  const predicate = (objects: readonly KubeObject[]) => (objects.some(concerns) ? undefined : (true as const));
  return Object.assign(predicate, { concerns });
}

/** An object of that name that satisfies a predicate. */
export function predicateOn(kind: string, name: string, holds: (object: KubeObject) => boolean): Predicate<KubeObject> {
  return objectWhere(named(kind, name), holds);
}

/** One of the objects that it is about, for which something holds. */
export function objectWhere(
  concerns: (object: KubeObject) => boolean,
  holds: (object: KubeObject) => boolean,
): Predicate<KubeObject> {
  const predicate = (objects: readonly KubeObject[]) => objects.find((object) => concerns(object) && holds(object));
  return Object.assign(predicate, { concerns });
}

function named(kind: string, name: string): (object: KubeObject) => boolean {
  return (object) =>
    object.kind === kind &&
    (object.metadata.name === name || `${object.metadata.namespace ?? ''}/${object.metadata.name}` === name);
}

function numberIn(value: unknown, field: string): number | undefined {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;
  return typeof found === 'number' ? found : undefined;
}
