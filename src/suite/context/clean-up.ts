import { removeDns01 } from '../../environment/remove-dns01.ts';
import { asCertificate, asIssuer } from '../../kube/cert-manager-objects.ts';
import { describeRef, type KubeObject, type ObjectRef, refOf } from '../../kube/kube-object.ts';
import { gone, TimeoutError } from '../../kube/until.ts';
import type { ScenarioContext } from './context.ts';
import { accountKeyNameOf } from './placeholders.ts';
import { within } from './time-limits.ts';

/** Where cert-manager keeps the Secrets of a ClusterIssuer by default (--cluster-resource-namespace). */
const clusterResourceNamespace = 'cert-manager';

/** Removes everything that the scenario created, and waits until it is gone if it could affect another scenario. */
export async function cleanUp(context: ScenarioContext): Promise<void> {
  const { names, environment, onStep } = context.parts;
  const { issuer, secret, solver } = context.subject;
  onStep('remove', 'what the scenario made');
  if (solver === 'dns01') await removeChallenges(context);
  // All objects in the scenario's own namespace go with it.
  await context.kube.remove({ apiVersion: 'v1', kind: 'Namespace', name: names.namespace });
  const isShared = ({ namespace }: ObjectRef) => namespace !== names.namespace;
  const applied = context.applied.map(refOf).filter(isShared);
  await removeAndWait(
    context,
    applied.filter((ref) => !isSecret(ref)),
  );
  // After the Issuer and the Certificate: cert-manager would create them again.
  const secrets = [
    secret,
    { namespace: issuer.namespace || clusterResourceNamespace, name: accountKeyNameOf(context) },
  ];
  await removeAndWait(context, [
    ...[...secrets, ...context.applied.flatMap(secretsMadeFor)]
      .map((reference) => ({ apiVersion: 'v1', kind: 'Secret', ...reference }))
      .filter(isShared),
    ...applied.filter(isSecret),
  ]);
  for (const host of context.pointed) await environment.setAddresses(host, []);
}

function isSecret({ apiVersion, kind }: ObjectRef): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

/** The Secrets that cert-manager makes for an Issuer or a Certificate, by the names that they give. */
function secretsMadeFor(object: KubeObject): readonly { readonly namespace: string; readonly name: string }[] {
  const { namespace } = object.metadata;
  const name = asCertificate(object)?.spec?.secretName ?? asIssuer(object)?.spec?.acme?.privateKeySecretRef?.name;
  return namespace === undefined || name === undefined ? [] : [{ namespace, name }];
}

/** A Challenge that does not go delays the rest of the clean-up no longer than the limit. */
async function removeChallenges(context: ScenarioContext): Promise<void> {
  const { onStep, onWait, onWaited } = context.parts;
  const { certificate } = context.subject;
  const what = `every Challenge of ${certificate.namespace}/${certificate.name} to be gone`;
  const withinMs = within.challengesGone;
  try {
    await removeDns01(context.kube, certificate, { what, withinMs, onWait: () => onWait(what, withinMs) });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    onStep('remove', error.message);
  } finally {
    onWaited(what);
  }
}

/** Ignores the scenario's signal: the clean-up runs however the scenario ended. */
async function removeAndWait(context: ScenarioContext, refs: readonly ObjectRef[]): Promise<void> {
  const once = new Map(refs.map((ref) => [`${ref.apiVersion} ${describeRef(ref)}`, ref]));
  await Promise.all(
    [...once.values()].map(async (ref) => {
      await context.kube.remove(ref);
      const { apiVersion, kind, namespace } = ref;
      const what = `${describeRef(ref)} to be gone`;
      const withinMs = within.available;
      await context.waiting(what, withinMs, () =>
        context.kube.waitFor(
          { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) },
          gone(kind, ref.name),
          { what, withinMs },
        ),
      );
    }),
  );
}
