import { groupOf, type KubeObject } from '../../kube/kube-object.ts';
import type { PlatformObjects } from '../platform-installer.ts';
import { labelled } from '../run-label.ts';
import type { InstallPart } from './install-parts.ts';
import type { Installed } from './run-record.ts';

/** Whether any of them comes from Padlock's manifests, which are rendered by built components. */
export function needsComponents(parts: readonly InstallPart[]): boolean {
  return parts.includes('istio') || parts.includes('cert-manager');
}

/**
 * The manifests of the requested components, labelled with the run. Either component includes the Gateway API, and Istio
 * includes the IngressClass; those that already exist (`isThere`) are left unchanged.
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
 * A Deployment with a grace period of one second for its Pods. kube-controller-manager retries the deletion of a namespace
 * only after half of the longest grace period of its Pods, 16 s by default.
 */
function endingAtOnce(object: KubeObject): KubeObject {
  if (object.kind !== 'Deployment') return object;
  const { template, ...spec } = (object.spec ?? {}) as PodTemplate;
  return {
    ...object,
    spec: { ...spec, template: { ...template, spec: { ...template?.spec, terminationGracePeriodSeconds: 1 } } },
  };
}

/** Every object of the manifests outside the namespaces that they create. */
export function outsideOwnNamespaces(objects: readonly KubeObject[]): readonly KubeObject[] {
  const made = new Set(objects.flatMap(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : [])));
  return objects.filter(({ metadata: { namespace } }) => namespace === undefined || !made.has(namespace));
}

/** The kinds of objects that are not removed with a namespace, in the form of a run's record. */
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
