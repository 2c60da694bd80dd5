import type { KubeObject } from './kube-object.ts';

/** What a user would apply to create an object without status again, e.g. an IngressClass: no uid, version or managed fields. */
export function withoutServerFields({ apiVersion, kind, metadata, spec }: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec,
  };
}
