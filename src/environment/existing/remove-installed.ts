import type { KubeClient, ResourceSelection } from '../../kube/client.ts';
import { type KubeObject, refOf } from '../../kube/kube-object.ts';
import { runLabel } from '../run-label.ts';
import { listIfServed } from './list-if-served.ts';
import type { Installed } from './run-record.ts';

const goneWithinMs = 120_000;
const istioNamespace = 'istio-system';
export const platformNamespaces: readonly string[] = [istioNamespace, 'cert-manager'];
/** The ConfigMap that istiod writes to every namespace. */
const istiodConfigMaps: readonly string[] = ['istio-ca-root-cert', 'istio-ca-crl'];
/** The elections of cert-manager's controller and cainjector are in kube-system, where its chart has them. */
const certManagerLeases: readonly string[] = [
  'cert-manager-controller',
  'cert-manager-cainjector-leader-election',
  'cert-manager-cainjector-leader-election-core',
];

/**
 * Removes what `--install` installed, found by the run's label, and what istiod and cert-manager created outside their
 * namespaces. The run's own namespaces must already be gone, because cert-manager must finalize their Challenges.
 *
 * @throws KubeError, TimeoutError naming what is left
 */
export async function removeInstalled(kube: KubeClient, run: string, { parts, kinds }: Installed): Promise<void> {
  const labelSelector = `${runLabel}=${run}`;
  const selections = kinds.map(({ apiVersion, kind, namespace }) => ({
    apiVersion,
    kind,
    ...(namespace === null ? {} : { namespace }),
    labelSelector,
  }));
  // A webhook without a server would block everyone's objects.
  for (const webhooks of selections.filter(({ kind }) => kind.endsWith('WebhookConfiguration'))) {
    await removeSelected(kube, webhooks);
  }
  const namespaces = { apiVersion: 'v1', kind: 'Namespace', labelSelector };
  if (parts.includes('cert-manager')) await challengesGone(kube);
  // Both at once, because the namespace controller waits 5 s before it empties each one.
  await removeSelected(kube, namespaces, ({ metadata }) => platformNamespaces.includes(metadata.name));
  if (parts.includes('istio')) await removeWhatIstiodMade(kube);
  if (parts.includes('cert-manager')) {
    await removeSelected(
      kube,
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system' },
      ({ metadata }) => certManagerLeases.includes(metadata.name),
    );
  }
  // CustomResourceDefinitions last: removing them removes the objects of their kinds.
  for (const selection of selections.toSorted((a, b) => lateness(a.kind) - lateness(b.kind))) {
    await removeSelected(kube, selection);
  }
}

/** Challenges are removed with their Certificates, and have a finalizer that only cert-manager removes. */
async function challengesGone(kube: KubeClient): Promise<void> {
  const challenges = { apiVersion: 'acme.cert-manager.io/v1', kind: 'Challenge', namespace: istioNamespace };
  if ((await listIfServed(kube, challenges)).length === 0) return;
  await kube.waitFor(challenges, (seen) => (seen.length === 0 ? (true as const) : undefined), {
    what: `the Challenges in ${istioNamespace} to be gone`,
    withinMs: goneWithinMs,
  });
}

function lateness(kind: string): number {
  return kind === 'CustomResourceDefinition' ? 1 : 0;
}

/** istiod's trust ConfigMap in every namespace, and the GatewayClasses if the Gateway API existed before. */
async function removeWhatIstiodMade(kube: KubeClient): Promise<void> {
  await removeSelected(
    kube,
    { apiVersion: 'v1', kind: 'ConfigMap', labelSelector: 'istio.io/config=true' },
    ({ metadata }) => istiodConfigMaps.includes(metadata.name),
  );
  await removeSelected(kube, { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass' }, ({ spec }) =>
    ((spec as { controllerName?: string }).controllerName ?? '').startsWith('istio.io/'),
  );
}

/** Removes all objects of a selection and waits until they are gone. If the API server no longer serves the kind, there is nothing to do. */
async function removeSelected(
  kube: KubeClient,
  selection: ResourceSelection & { readonly apiVersion: string; readonly kind: string },
  concerns: (object: KubeObject) => boolean = () => true,
): Promise<void> {
  const objects = (await listIfServed(kube, selection)).filter(concerns);
  if (objects.length === 0) return;
  await Promise.all(objects.map((object) => kube.remove(refOf(object))));
  const nothingLeft = (seen: readonly KubeObject[]) => (seen.some(concerns) ? undefined : (true as const));
  await kube.waitFor(selection, Object.assign(nothingLeft, { concerns }), {
    what: `what --install brought of ${selection.kind} to be gone`,
    withinMs: goneWithinMs,
  });
}
