import type { KubeObject } from '../kube/kube-object.ts';

/** The label that everything a run applies carries, on every environment: by it, what a killed run left is found. */
export const runLabel = 'padlock.dev/run';

/** The object with the label of its run. */
export function labelled(object: KubeObject, run: string): KubeObject {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [runLabel]: run } } };
}
