import { describeRef, type KubeObject, refOf } from '../kube/kube-object.ts';
import { placeInManifest } from '../kube/manifests.ts';
import { UserError } from '../user-error.ts';

interface Scope {
  /** Those in which a scenario may apply objects, its own one first. */
  readonly namespaces: readonly string[];
  /** Whether it may apply objects that belong to the whole cluster. */
  readonly changesClusterWide: boolean;
  isNamespaced(object: KubeObject): Promise<boolean>;
}

/**
 * The objects, each with a namespace: those without one are in the scenario's own, as with `kubectl apply --namespace`.
 *
 * @throws UserError (2) for an object outside the namespaces, with its place
 */
export async function inOwnNamespaces(objects: readonly KubeObject[], scope: Scope): Promise<readonly KubeObject[]> {
  const [own = ''] = scope.namespaces;
  const placed: KubeObject[] = [];
  for (const object of objects) {
    const place = placeInManifest(object);
    const where = place === undefined ? '' : ` (${place})`;
    const { namespace } = object.metadata;
    if (!(await scope.isNamespaced(object))) {
      if (!scope.changesClusterWide) {
        throw new UserError(
          `It applies ${describeRef(refOf(object))}, which belongs to the whole cluster${where}: say in changesClusterWide what the scenario changes, or leave the object out.`,
        );
      }
      placed.push(object);
    } else if (namespace === undefined) {
      placed.push({ ...object, metadata: { ...object.metadata, namespace: own } });
    } else if (scope.namespaces.includes(namespace)) {
      placed.push(object);
    } else {
      throw new UserError(
        `It applies ${describeRef(refOf(object))} outside its namespaces${where}: use \${namespace}, or add ${namespace} to its namespaces, which are ${scope.namespaces.join(', ')}.`,
      );
    }
  }
  return placed;
}
