import { messageOf } from '../error-message.ts';
import { tellingLine } from '../telling-line.ts';
import type { KubeClient } from './client.ts';
import { conditionsOf } from './conditions.ts';
import type { KubeObject } from './kube-object.ts';
import {
  type ContainerState,
  containersOf,
  describeContainer,
  isPodOf,
  namePod,
  nodeOf,
  whyUnscheduled,
} from './pod-state.ts';

/** The name of a Deployment. */
export interface DeploymentName {
  readonly namespace: string;
  readonly name: string;
}

/** Replicas are alike. */
const mostPods = 2;
const mostEvents = 2;
const logLines = 40;
/** An explanation must not hold up the error that it explains. */
const explainedWithinMs = 5_000;
/** The kubelet may be the part that does not answer. */
const logWithinMs = 2_000;
/** The kubelet's own words for what the state of the container has already said. */
const repeated = new Set(['BackOff', 'Failed']);

interface Event extends KubeObject {
  readonly reason?: string;
  readonly message?: string;
  readonly type?: string;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

/**
 * Why a Deployment is not Available, from its Pods: the state of their containers, how these ended last and the last line of their log,
 * warnings of scheduler and kubelet; or why there are no Pods.
 *
 * @returns parts of a sentence, joined by semicolons; null if everything is ready. It never throws: what cannot be asked is said
 */
export async function explainDeployment(
  kube: KubeClient,
  deployment: DeploymentName,
  signal?: AbortSignal,
): Promise<string | null> {
  const limit = AbortSignal.timeout(explainedWithinMs);
  const bounded = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  try {
    return await explain(kube, deployment, bounded);
  } catch (error) {
    const why = limit.aborted ? `no answer within ${explainedWithinMs / 1000} s` : messageOf(error);
    return `its Pods could not be asked (${why.replace(/\.$/, '')})`;
  }
}

async function explain(
  kube: KubeClient,
  { namespace, name }: DeploymentName,
  signal: AbortSignal,
): Promise<string | null> {
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace }, signal)).filter((pod) =>
    isPodOf(name, pod),
  );
  if (pods.length === 0) return await whyNoPods(kube, { namespace, name }, signal);
  const unready = pods.filter(
    (pod) => !conditionsOf(pod).some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  const explained = await Promise.all(unready.slice(0, mostPods).map((pod) => explainPod(kube, pod, signal)));
  return explained.length === 0 ? null : explained.join('; ');
}

async function whyNoPods(kube: KubeClient, { namespace, name }: DeploymentName, signal: AbortSignal): Promise<string> {
  const events = await warnings(kube, namespace, 'reason=FailedCreate', signal);
  const last = events.findLast(
    ({ involvedObject }) => involvedObject?.kind === 'ReplicaSet' && involvedObject.name?.startsWith(`${name}-`),
  );
  return last === undefined ? 'it has no Pods' : `it has no Pods (${last.reason}: ${last.message})`;
}

async function explainPod(kube: KubeClient, pod: KubeObject, signal: AbortSignal): Promise<string> {
  const unscheduled = whyUnscheduled(pod);
  if (unscheduled !== null) return `${namePod(pod)} has no node (FailedScheduling: ${unscheduled})`;
  const containers = containersOf(pod);
  const troubled = containers.filter(({ isReady }) => !isReady);
  const parts = await Promise.all(troubled.map((container) => explainContainer(kube, pod, container, signal)));
  const { namespace = '', name } = pod.metadata;
  const events = await warnings(kube, namespace, `involvedObject.name=${name}`, signal);
  const told = new Map(
    events.filter(({ reason = '' }) => !repeated.has(reason)).map((event) => [event.reason, event] as const),
  );
  const said = [...told.values()].slice(-mostEvents).map(({ reason, message }) => `${reason}: ${message?.trim()}`);
  if (containers.length === 0 || said.length === 0) parts.push(...(await whyUntouched(kube, pod, signal)));
  return [...(parts.length === 0 ? [`${namePod(pod)} is not ready`] : parts), ...said].join('; ');
}

/**
 * A container that is not ready, with how it ended last and what it wrote before, e.g. `container istio-proxy of Pod istio-system/x ended 4
 * times, last with exit code 1 (Error), 0 s after its start; its log ends: Error: unknown flag`.
 */
export async function explainContainer(
  kube: KubeClient,
  pod: KubeObject,
  container: ContainerState,
  signal?: AbortSignal,
): Promise<string> {
  const described = `container ${container.name} of ${namePod(pod)} ${describeContainer(container)}`;
  if (container.lastExit === null && !container.isRunning) return described;
  const line = await lastLine(kube, pod, container, signal);
  return line === null ? described : `${described}; its log ends: ${line}`;
}

/** The line of a container's log that says most: of the run that ended last, or of the present one. Null if there is none. */
async function lastLine(
  kube: KubeClient,
  pod: KubeObject,
  { name: container, isRunning, lastExit }: ContainerState,
  signal?: AbortSignal,
): Promise<string | null> {
  const { namespace = '', name } = pod.metadata;
  const limit = AbortSignal.timeout(logWithinMs);
  const options = { tailLines: logLines, signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) };
  const lines: string[] = [];
  try {
    const previous = isRunning && lastExit !== null;
    for await (const line of kube.podLogs(namespace, name, container, { ...options, previous })) lines.push(line);
  } catch {
    // Its log may be gone, or be another's to read; the state of the container is known all the same.
    return null;
  }
  return tellingLine(lines, lastExit !== null && lastExit.reason !== 'OOMKilled');
}

/** What its node says, if nothing else explains a Pod: a kubelet that is gone starts nothing and writes no events. */
async function whyUntouched(kube: KubeClient, pod: KubeObject, signal: AbortSignal): Promise<string[]> {
  const name = nodeOf(pod);
  if (name === null) return [];
  const node = await kube.get({ apiVersion: 'v1', kind: 'Node', name }, signal).catch(() => undefined);
  const ready = node === undefined ? undefined : conditionsOf(node).find(({ type }) => type === 'Ready');
  if (ready === undefined || ready.status === 'True') return [];
  return [`Node ${name} is not Ready (${ready.reason}: ${ready.message})`];
}

/** Warnings in a namespace, the latest last. Empty if events may not be read. */
async function warnings(
  kube: KubeClient,
  namespace: string,
  selector: string,
  signal: AbortSignal,
): Promise<readonly Event[]> {
  const fieldSelector = `type=Warning,${selector}`;
  const events = await kube.list({ apiVersion: 'v1', kind: 'Event', namespace, fieldSelector }, signal).catch(() => []);
  return events.toSorted((one, other) => (timeOf(one) < timeOf(other) ? -1 : 1));
}

function timeOf({ lastTimestamp, eventTime, metadata }: KubeObject): string {
  return String(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '');
}
