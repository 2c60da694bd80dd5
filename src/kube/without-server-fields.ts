import type { KubeObject, ObjectMetadata } from './kube-object.ts';

/** What a user would apply to create an object without status again, e.g. an IngressClass: no uid, version or managed fields. */
export function withoutServerFields({ apiVersion, kind, metadata, spec }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: ownMetadata(metadata), spec };
}

/** Of an object's metadata what a user writes, without what belongs to its cluster. */
export function ownMetadata({ name, namespace, labels, annotations }: ObjectMetadata): ObjectMetadata {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
