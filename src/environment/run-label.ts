import type { KubeObject } from '../kube/kube-object.ts';

/** The label that everything a run applies carries, on every environment: by it, what a killed run left is found. */
export const runLabel = 'padlock.dev/run';

/** The label that everything staged for a fault carries, with the id of the fault: what is found in a cluster is not taken for the user's own by it. */
export const faultLabel = 'padlock.dev/fault';

/** The object with the label of its run. */
export function labelled(object: KubeObject, run: string): KubeObject {
  return withLabel(object, runLabel, run);
}

/** The object with the label of the fault that it is staged for. */
export function labelledForFault(object: KubeObject, fault: string): KubeObject {
  return withLabel(object, faultLabel, fault);
}

function withLabel(object: KubeObject, label: string, value: string): KubeObject {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [label]: value } } };
}
