import { describeRef, type KubeObject, refOf } from './kube-object.ts';

/** An entry of `status.conditions`. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

export function conditionsOf(object: KubeObject): readonly Condition[] {
  const status = object.status;
  if (typeof status !== 'object' || status === null || !('conditions' in status)) return [];
  return Array.isArray(status.conditions) ? status.conditions : [];
}

/** Whether a condition is True and speaks of the object's present spec. */
export function isTrue(object: KubeObject, type: string): boolean {
  const condition = conditionsOf(object).find((candidate) => candidate.type === type);
  if (condition?.status !== 'True') return false;
  const { generation } = object.metadata;
  return (
    condition.observedGeneration === undefined || generation === undefined || condition.observedGeneration >= generation
  );
}

/** An object's state for a message, e.g. `Certificate ns/name: Ready=False (Issuing: waiting for the Order)`. */
export function summarise(object: KubeObject): string {
  const conditions = conditionsOf(object).map(describe);
  const status = object.status as Record<string, unknown> | null | undefined;
  for (const field of ['phase', 'state', 'reason'] as const) {
    const value = status?.[field];
    if (typeof value === 'string' && value !== '') conditions.push(`${field} ${value}`);
  }
  if (object.metadata.deletionTimestamp !== undefined) conditions.push('being deleted');
  return `${describeRef(refOf(object))}: ${conditions.length === 0 ? 'no conditions yet' : conditions.join(', ')}`;
}

function describe({ type, status, reason, message }: Condition): string {
  const detail = [reason, message].filter((part) => part !== undefined && part !== '').join(': ');
  return `${type}=${status}${detail === '' ? '' : ` (${detail})`}`;
}
