import { groupOf, type KubeObject } from './kube-object.ts';

/** Objects in the order of stages in which they are applied; within a stage their order does not matter. */
export interface ApplyOrder {
  /** What others need to exist first: Namespaces and CustomResourceDefinitions. */
  readonly foundations: readonly KubeObject[];
  /** What programs use: accounts, rights, configuration, Services, custom resources. */
  readonly settings: readonly KubeObject[];
  /** What runs, so that no Pod waits for an account or a volume of a later stage. */
  readonly workloads: readonly KubeObject[];
  /** Webhooks and APIServices last: before their backends run they would hold up or refuse everything else. */
  readonly interceptors: readonly KubeObject[];
}

const stages: Readonly<Record<string, keyof ApplyOrder>> = {
  '/Namespace': 'foundations',
  'apiextensions.k8s.io/CustomResourceDefinition': 'foundations',
  '/Pod': 'workloads',
  '/ReplicationController': 'workloads',
  'apps/DaemonSet': 'workloads',
  'apps/Deployment': 'workloads',
  'apps/ReplicaSet': 'workloads',
  'apps/StatefulSet': 'workloads',
  'batch/CronJob': 'workloads',
  'batch/Job': 'workloads',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': 'interceptors',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': 'interceptors',
  'apiregistration.k8s.io/APIService': 'interceptors',
};

export function applyOrder(objects: readonly KubeObject[]): ApplyOrder {
  const order: Record<keyof ApplyOrder, KubeObject[]> = {
    foundations: [],
    settings: [],
    workloads: [],
    interceptors: [],
  };
  for (const object of objects) {
    order[stages[`${groupOf(object.apiVersion)}/${object.kind}`] ?? 'settings'].push(object);
  }
  return order;
}
