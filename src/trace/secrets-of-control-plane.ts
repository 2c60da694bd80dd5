import type { SecretOfControlPlane } from '../diagnosis/surroundings.ts';
import type { ObjectReference } from '../evidence/evidence.ts';
import { redactObject } from '../evidence/redaction.ts';
import { secretFactsField, secretFactsSchema } from '../evidence/secret-facts.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/kube-error.ts';

/**
 * Of these Secrets, those that are in the cluster of a control plane that has an API server of its own. istiod gives a gateway a
 * Secret from there where the gateway's own cluster has none (pilot/pkg/credentials/kube, multicluster). Those that the user may
 * not read are left out.
 */
export async function secretsOfControlPlane(
  { istio }: Pick<KubeClient, 'istio'>,
  references: readonly ObjectReference[],
  signal: AbortSignal,
): Promise<readonly SecretOfControlPlane[]> {
  if (istio === null) return [];
  const found = await Promise.all(
    references.map(async ({ namespace, name }): Promise<SecretOfControlPlane[]> => {
      try {
        const secret = await istio.get({ apiVersion: 'v1', kind: 'Secret', namespace, name }, signal);
        if (secret === undefined) return [];
        const facts = secretFactsSchema.safeParse(redactObject(secret)[secretFactsField]).data;
        return [{ namespace, name, fingerprintSha256: facts?.certificates[0]?.fingerprintSha256 ?? null }];
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof KubeError) return [];
        throw error;
      }
    }),
  );
  return found.flat();
}
