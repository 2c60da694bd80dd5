export type { ApplyOptions } from './apply.ts';
export {
  KubeClient,
  type KubeVersion,
  type PodLogOptions,
  type RemoveOptions,
  type ResourceSelection,
} from './client.ts';
export { conditionsOf, isTrue, summarise } from './conditions.ts';
export type { KubeconfigSource } from './connection.ts';
export type { Resource, ResourceName } from './discovery.ts';
export { type ExecEnd, type ExecRequest, execInPod } from './exec.ts';
export { KubeError } from './kube-error.ts';
export { describeRef, groupOf, type KubeObject, type ObjectRef, refOf } from './kube-object.ts';
export { type PlaceholderValues, parseManifest, readManifest } from './manifests.ts';
export {
  conditionTrue,
  deploymentAvailable,
  gone,
  type Predicate,
  TimeoutError,
  type UntilOptions,
  until,
} from './until.ts';
export type { ResourceWatch, WatchEvent, WatchListener, WatchOptions, WatchProblem } from './watch.ts';
