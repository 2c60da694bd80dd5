import type { ObjectHistory, ObjectReference, ObjectState } from '../evidence/evidence.ts';

/** A Kubernetes condition, as far as checks read it. */
export interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** False when the condition speaks of an earlier generation of the object's spec. */
  readonly current: boolean;
}

/** The value at a path of field names and list indices, or undefined if the path ends early. */
export function field(object: unknown, ...path: readonly (string | number)[]): unknown {
  let value = object;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** The string at a path, or null if there is none or it is empty. */
export function text(object: unknown, ...path: readonly (string | number)[]): string | null {
  const value = field(object, ...path);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The list at a path, or an empty one. */
export function list(object: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const value = field(object, ...path);
  return Array.isArray(value) ? value : [];
}

/** The strings of the list at a path. */
export function texts(object: unknown, ...path: readonly (string | number)[]): readonly string[] {
  return list(object, ...path).filter((entry) => typeof entry === 'string');
}

/** How messages name an object: `Kind namespace/name`. */
export function nameOf(history: ObjectHistory): string {
  return `${history.kind} ${history.namespace}/${history.name}`;
}

/** The API group of an object without the version; the core group is ''. */
export function groupOf(history: ObjectHistory): string {
  const slash = history.apiVersion.indexOf('/');
  return slash < 0 ? '' : history.apiVersion.slice(0, slash);
}

/** All objects that were ever recorded under a name; a deleted and re-created one has two histories. */
export function historiesOf(
  objects: readonly ObjectHistory[],
  group: string,
  kind: string,
  reference: ObjectReference,
): readonly ObjectHistory[] {
  return objects.filter(
    (history) =>
      groupOf(history) === group &&
      history.kind === kind &&
      history.namespace === reference.namespace &&
      history.name === reference.name,
  );
}

/** The last state in which an object existed; for a deleted one that is the state before its deletion. */
export function lastLivingState(history: ObjectHistory): ObjectState | undefined {
  return history.states.findLast((state) => state.change !== 'deleted');
}

export function deletion(history: ObjectHistory): ObjectState | undefined {
  const last = history.states.at(-1);
  return last?.change === 'deleted' ? last : undefined;
}

/** The uids of the objects that own this one, from every state of it. */
export function ownerUids(history: ObjectHistory): ReadonlySet<string> {
  return new Set(
    history.states.flatMap((state) =>
      list(state.object, 'metadata', 'ownerReferences').flatMap((owner) => text(owner, 'uid') ?? []),
    ),
  );
}

/** The condition of a type in an object's status. */
export function condition(object: unknown, type: string): Condition | null {
  const found = list(object, 'status', 'conditions').find((entry) => field(entry, 'type') === type);
  if (found === undefined) return null;
  const observed = field(found, 'observedGeneration');
  const generation = field(object, 'metadata', 'generation');
  return {
    status: text(found, 'status') ?? 'Unknown',
    reason: text(found, 'reason') ?? '',
    message: text(found, 'message') ?? '',
    current: typeof observed !== 'number' || typeof generation !== 'number' || observed >= generation,
  };
}

/** A condition for a message, e.g. `Ready False (Pending: Waiting for the Order)`. */
export function describeCondition(type: string, found: Condition | null): string {
  if (found === null) return `no condition ${type}`;
  const detail = [found.reason, found.message].filter((part) => part !== '').join(': ');
  const stale = found.current ? '' : ", of an earlier generation of the object's spec";
  return `${type} ${found.status}${detail === '' ? '' : ` (${detail})`}${stale}`;
}

/** Whether a Challenge is solved by DNS-01. */
export function isDns01(challenge: ObjectHistory): boolean {
  return challenge.states.some(({ object }) => text(object, 'spec', 'type') === 'DNS-01');
}
