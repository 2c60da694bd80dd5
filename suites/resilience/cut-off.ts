import type { ScenarioContext } from '../../src/suite/context/context.ts';

/** Pods by their namespace and a selector of labels; all of the namespace without one. */
interface PodSelection {
  readonly namespace: string;
  readonly labelSelector?: string;
}

/**
 * Drops every packet between two sets of Pods, those that there are now.
 *
 * @returns what lets them through again
 * @throws Error if a set is empty, or the node is elsewhere
 */
export async function cutOff(
  { kube, parts }: ScenarioContext,
  one: PodSelection,
  other: PodSelection,
): Promise<() => Promise<void>> {
  const addressesOf = async (selection: PodSelection) => {
    const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', ...selection }, parts.signal);
    return pods.flatMap(({ status }) => (status as { podIP?: string } | undefined)?.podIP ?? []);
  };
  const [these, those] = await Promise.all([addressesOf(one), addressesOf(other)]);
  const restore = await parts.environment.cutBetween?.(these, those);
  if (restore === undefined) throw new Error('the packets between Pods are forwarded elsewhere');
  return restore;
}
