import type { KubeObject, OwnerReference } from '../../../kube/kube-object.ts';
import { marks } from './cell-marks.ts';

/** What a prepared state has of an object: what etcd has of it, nothing, or a copy with marks. */
export interface MarkedObject {
  /** Its key in etcd. */
  readonly key: string;
  readonly object: unknown;
}

/**
 * Keys of etcd that no prepared state has, because they are about the cell, the moment or a secret: everything below them is made
 * anew by the part whose it is.
 */
const droppedPrefixes: readonly string[] = [
  '/registry/certificatesigningrequests/',
  // The controller manager publishes the certificate of the cell's own API server in one.
  '/registry/clustertrustbundles/',
  '/registry/configmaps/kube-system/extension-apiserver-authentication',
  '/registry/configmaps/kube-system/kube-apiserver-legacy-service-account-token-tracking',
  '/registry/csinodes/',
  '/registry/endpointslices/',
  '/registry/events/',
  '/registry/leases/',
  '/registry/masterleases/',
  '/registry/minions/',
  '/registry/peerserverleases/',
  // A copy with marks takes the place of each of these.
  '/registry/deployments/',
  '/registry/pods/',
  '/registry/replicasets/',
  '/registry/secrets/',
  '/registry/services/endpoints/',
];

/** The annotation of a client-go leader lock in a ConfigMap, as istiod has: its holder is gone, and nobody else could lead. */
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';

/** Whether a prepared state lacks a key, whatever its value. */
export function isDropped(key: string, value: Buffer): boolean {
  return droppedPrefixes.some((prefix) => key.startsWith(prefix)) || value.includes(leaderAnnotation);
}

/** The objects that a prepared state has as copies. `path` is the part of the key of etcd before namespace and name. */
export const copiedKinds = [
  { apiVersion: 'v1', kind: 'Pod', path: 'pods' },
  { apiVersion: 'v1', kind: 'Secret', path: 'secrets' },
  { apiVersion: 'apps/v1', kind: 'Deployment', path: 'deployments' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', path: 'replicasets' },
  { apiVersion: 'v1', kind: 'ConfigMap', path: 'configmaps' },
  { apiVersion: 'v1', kind: 'Service', path: 'services/specs' },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    path: 'mutatingwebhookconfigurations',
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    path: 'validatingwebhookconfigurations',
  },
] as const;

/** The key of an object in etcd. */
export function keyOf(path: string, { metadata: { namespace, name } }: KubeObject): string {
  return `/registry/${path}/${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** An object as it was when nothing of it ran yet: without status, and of this moment where it is made anew. Null to leave it out. */
export function asNew(object: KubeObject): KubeObject | null {
  const { resourceVersion: _version, ...metadata } = object.metadata;
  switch (object.kind) {
    case 'Pod':
      return podAsNew({ ...object, metadata });
    case 'Deployment':
      return { ...object, metadata, status: {} };
    case 'ReplicaSet':
      return { ...object, metadata, status: { replicas: 0 } };
    case 'Secret':
      return { ...object, metadata: { ...metadata, uid: marks.uid, creationTimestamp: marks.now } };
    default:
      return { ...object, metadata };
  }
}

/**
 * A Pod that is bound to the cell's node and has not started: the kubelet starts it as soon as it reaches the API server. A Pod of
 * no ReplicaSet, or on its way out, is left out.
 */
function podAsNew(pod: KubeObject): KubeObject | null {
  const { managedFields: _, ...metadata } = pod.metadata;
  const owners: readonly OwnerReference[] = metadata.ownerReferences ?? [];
  const { phase, qosClass } = pod.status as { phase: string; qosClass?: string };
  if (metadata.deletionTimestamp !== undefined || phase !== 'Running') return null;
  if (!owners.some(({ kind }) => kind === 'ReplicaSet')) return null;
  return {
    ...pod,
    metadata: { ...metadata, uid: marks.uid, creationTimestamp: marks.now },
    spec: { ...(pod.spec as object), nodeName: marks.nodeName },
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: marks.now }],
      ...(qosClass === undefined ? {} : { qosClass }),
    },
  };
}

const pemBegin = Buffer.from('-----BEGIN ');
const pemBeginBase64 = Buffer.from('LS0tLS1CRUdJTi');

/**
 * What of a cell a stored value still has, for a message; null where it has nothing: an address of its subnet, the name of its node, or
 * a certificate or private key of whatever authority. No value of a prepared state may have any.
 */
export function remainderOf(value: Buffer, { nodeName, subnet }: { nodeName: string; subnet: string }): string | null {
  if (value.includes(`${subnet}.`)) return `an address of ${subnet}.0/24`;
  // A whole text: JSON quotes it, protobuf (protobuf.dev, "Encoding") puts its length before it.
  const length = Buffer.from([Buffer.byteLength(nodeName)]);
  if (value.includes(`"${nodeName}"`) || value.includes(Buffer.concat([length, Buffer.from(nodeName)]))) {
    return `the name of the node ${nodeName}`;
  }
  if (value.includes(pemBegin) || value.includes(pemBeginBase64)) return 'a certificate or private key';
  return null;
}
