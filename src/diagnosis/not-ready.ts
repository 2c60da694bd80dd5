import { condition, field, list, text } from '../issuance/recorded-object.ts';
import type { CurrentObject } from './situation.ts';

/** What a container waits for that is about to start. */
const passing: readonly string[] = ['ContainerCreating', 'PodInitializing'];

/** Why a Pod is not Ready, from its status: a clause without a subject; null if it is Ready. */
export function whyNotReady(pod: CurrentObject): { readonly why: string; readonly isStarting: boolean } | null {
  if (condition(pod, 'Ready')?.status === 'True') return null;
  const statuses = [...list(pod, 'status', 'containerStatuses'), ...list(pod, 'status', 'initContainerStatuses')];
  const waits = statuses.flatMap((status) => {
    const waiting = field(status, 'state', 'waiting');
    return waiting === undefined
      ? []
      : [{ reason: text(waiting, 'reason') ?? 'waits', message: text(waiting, 'message') }];
  });
  // The others wait for a container that cannot start.
  const first = waits.find(({ reason }) => !passing.includes(reason)) ?? waits[0];
  const phase = text(pod, 'status', 'phase') ?? 'unknown';
  const unscheduled = condition(pod, 'PodScheduled');
  const why =
    unscheduled?.status === 'False'
      ? `${unscheduled.reason}: ${unscheduled.message}`
      : first !== undefined
        ? first.message === null
          ? first.reason
          : `${first.reason}: ${first.message}`
        : `phase ${phase}`;
  const isStarting =
    unscheduled?.status !== 'False' &&
    ['Pending', 'Running'].includes(phase) &&
    (first === undefined || passing.includes(first.reason));
  return { why, isStarting };
}
