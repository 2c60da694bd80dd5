import type { KubeClient, ResourceSelection } from '../../kube/client.ts';
import { type KubeObject, refOf } from '../../kube/kube-object.ts';
import { runLabel } from '../run-label.ts';
import { listIfServed } from './list-if-served.ts';
import type { Installed } from './run-record.ts';

const goneWithinMs = 120_000;
const istioNamespace = 'istio-system';
export const platformNamespaces: readonly string[] = [istioNamespace, 'cert-manager'];
/** What istiod writes into every namespace. */
const istiodConfigMaps: readonly string[] = ['istio-ca-root-cert', 'istio-ca-crl'];
/** The elections of cert-manager's controller and cainjector are in kube-system, where its chart has them. */
const certManagerLeases: readonly string[] = [
  'cert-manager-controller',
  'cert-manager-cainjector-leader-election',
  'cert-manager-cainjector-leader-election-core',
];

/**
 * Removes what `--install` brought, found by the run's label, and what istiod and cert-manager made of their own outside their
 * namespaces. The namespaces of the run itself must be gone: their Challenges end by cert-manager.
 *
 * @throws KubeError, TimeoutError naming what is still there
 */
export async function removeInstalled(kube: KubeClient, run: string, { parts, kinds }: Installed): Promise<void> {
  const labelSelector = `${runLabel}=${run}`;
  const selections = kinds.map(({ apiVersion, kind, namespace }) => ({
    apiVersion,
    kind,
    ...(namespace === null ? {} : { namespace }),
    labelSelector,
  }));
  // A webhook whose server is gone would hold up everyone's objects.
  for (const webhooks of selections.filter(({ kind }) => kind.endsWith('WebhookConfiguration'))) {
    await removeSelected(kube, webhooks);
  }
  const namespaces = { apiVersion: 'v1', kind: 'Namespace', labelSelector };
  if (parts.includes('cert-manager')) await challengesGone(kube);
  // Both at once, as the controller of namespaces lets each wait for 5 s before it removes what is in it.
  await removeSelected(kube, namespaces, ({ metadata }) => platformNamespaces.includes(metadata.name));
  if (parts.includes('istio')) await removeWhatIstiodMade(kube);
  if (parts.includes('cert-manager')) {
    await removeSelected(
      kube,
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system' },
      ({ metadata }) => certManagerLeases.includes(metadata.name),
    );
  }
  // Definitions last: they take the objects of their kinds with them.
  for (const selection of selections.toSorted((a, b) => lateness(a.kind) - lateness(b.kind))) {
    await removeSelected(kube, selection);
  }
}

/** They go by their Certificates, and are held by a finalizer that only cert-manager takes away. */
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

/** In every namespace what its mesh trusts, and the classes of the Gateway API, where that was there before. */
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

/** Removes all objects of a selection and waits until they are gone; where the kind itself is gone, nothing is left. */
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
