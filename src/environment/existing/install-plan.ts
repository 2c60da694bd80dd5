import { groupOf, type KubeObject } from '../../kube/kube-object.ts';
import type { PlatformObjects } from '../platform-installer.ts';
import { labelled } from '../run-label.ts';
import type { InstallPart } from './install-parts.ts';
import type { Installed } from './run-record.ts';

/** Whether any of them is made of Padlock's own manifests, which built components render. */
export function needsComponents(parts: readonly InstallPart[]): boolean {
  return parts.includes('istio') || parts.includes('cert-manager');
}

/**
 * The manifests of the parts that are wanted, labelled with the run. The Gateway API comes with either of them, and the
 * IngressClass with Istio; of both, what `isThere` is left as it is.
 */
export function chosenObjects(
  objects: PlatformObjects,
  parts: readonly InstallPart[],
  run: string,
  isThere: (object: KubeObject) => boolean,
): PlatformObjects {
  const chosen = (wanted: boolean, all: readonly KubeObject[]) =>
    wanted ? all.map((object) => endingAtOnce(labelled(object, run))) : [];
  const istio = parts.includes('istio');
  return {
    gatewayApi: chosen(needsComponents(parts), objects.gatewayApi).filter((object) => !isThere(object)),
    istio: chosen(istio, objects.istio),
    certManager: chosen(parts.includes('cert-manager'), objects.certManager),
    ingressClass: chosen(istio, objects.ingressClass).filter((object) => !isThere(object)),
  };
}

interface PodTemplate {
  readonly template?: { readonly spec?: object };
}

/**
 * A Deployment whose Pods have a second to end. With their namespace they are removed, which is looked at again only after
 * half the longest time that any of its Pods may take to end (kube-controller-manager, namespace deletion), 16 s by default.
 */
function endingAtOnce(object: KubeObject): KubeObject {
  if (object.kind !== 'Deployment') return object;
  const { template, ...spec } = (object.spec ?? {}) as PodTemplate;
  return {
    ...object,
    spec: { ...spec, template: { ...template, spec: { ...template?.spec, terminationGracePeriodSeconds: 1 } } },
  };
}

/** Every object of the manifests that does not live in a namespace which they make themselves. */
export function outsideOwnNamespaces(objects: readonly KubeObject[]): readonly KubeObject[] {
  const made = new Set(objects.flatMap(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : [])));
  return objects.filter(({ metadata: { namespace } }) => namespace === undefined || !made.has(namespace));
}

/** The kinds of the objects that do not go with a namespace, as a run's record has them. */
export function kindsToRemove(objects: readonly KubeObject[]): Installed['kinds'] {
  const kinds = new Map(
    outsideOwnNamespaces(objects)
      .filter(({ apiVersion, kind }) => !(groupOf(apiVersion) === '' && kind === 'Namespace'))
      .map(({ apiVersion, kind, metadata: { namespace = null } }) => [
        `${apiVersion} ${kind} ${namespace}`,
        { apiVersion, kind, namespace },
      ]),
  );
  return [...kinds.values()];
}
