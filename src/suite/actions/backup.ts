import { actionNames } from '../../evidence/action-names.ts';
import { certificateResource, issuerResource } from '../../kube/cert-manager-objects.ts';
import { describeRef, type KubeObject, type ObjectRef } from '../../kube/kube-object.ts';
import { gone } from '../../kube/until.ts';
import { ownMetadata } from '../../kube/without-server-fields.ts';
import type { ScenarioContext } from '../context/context.ts';
import { accountKeyNameOf } from '../context/placeholders.ts';
import { within } from '../context/time-limits.ts';

/** The Secrets of the certificate and of the account key, as a backup has them: without what belongs to the cluster they were in. */
export async function backUpSecrets(context: ScenarioContext): Promise<readonly KubeObject[]> {
  return await Promise.all(
    secretsOf(context).map(async (ref) => {
      const secret = await context.kube.get(ref, context.parts.signal);
      if (secret === undefined) throw new Error(`${describeRef(ref)} does not exist`);
      const { apiVersion, kind, metadata, type, data } = secret;
      return { apiVersion, kind, metadata: ownMetadata(metadata), type, data };
    }),
  );
}

/** Deletes the Certificate, the Issuer and their Secrets, and waits until all of them are gone. @throws TimeoutError */
export async function loseObjects(context: ScenarioContext): Promise<void> {
  const { certificate, issuer } = context.subject;
  // The Secrets last: cert-manager would make them again.
  await loseAll(context, [
    { ...certificateResource, ...certificate },
    { ...issuerResource, ...issuer },
  ]);
  await loseAll(context, secretsOf(context));
}

/** Creates the Secrets of a backup. */
export async function restoreSecrets(context: ScenarioContext, secrets: readonly KubeObject[]): Promise<void> {
  context.note(actionNames.restore, secrets.map((secret) => describeRef({ ...secret, ...secret.metadata })).join(', '));
  await context.applyObjects(secrets);
}

/** Puts the contents that a backup has into the Secret of the certificate, which is still there. */
export async function rollBackSecret(context: ScenarioContext, backup: readonly KubeObject[]): Promise<void> {
  const { namespace, name } = context.subject.secret;
  const secret = backup.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  if (secret === undefined) throw new Error(`the backup has no Secret ${namespace}/${name}`);
  const ref = { apiVersion: 'v1', kind: 'Secret', namespace, name };
  context.note(actionNames.restore, describeRef(ref));
  await context.kube.patch(ref, { data: secret.data });
}

function secretsOf(context: ScenarioContext): readonly ObjectRef[] {
  const { secret, issuer } = context.subject;
  const account = { namespace: issuer.namespace, name: accountKeyNameOf(context) };
  return [secret, account].map((ref) => ({ apiVersion: 'v1', kind: 'Secret', ...ref }));
}

async function loseAll(context: ScenarioContext, refs: readonly ObjectRef[]): Promise<void> {
  for (const ref of refs) {
    context.note(actionNames.delete, describeRef(ref));
    await context.kube.remove(ref);
  }
  await Promise.all(
    refs.map(({ apiVersion, kind, namespace, name }) =>
      context.wait(
        { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) },
        gone(kind, name),
        `${kind} ${namespace}/${name} to be gone`,
        within.deleted,
      ),
    ),
  );
}
