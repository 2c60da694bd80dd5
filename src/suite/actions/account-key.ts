import { actionNames } from '../../evidence/action-names.ts';
import { asIssuer, issuerResource } from '../../kube/cert-manager-objects.ts';
import { isTrue } from '../../kube/conditions.ts';
import { predicateOn } from '../../kube/until.ts';
import type { ScenarioContext } from '../context/context.ts';
import { accountKeyNameOf } from '../context/placeholders.ts';
import { within } from '../context/time-limits.ts';

/** Deletes the Secret of the Issuer's account key, and waits until cert-manager has registered another account. @throws TimeoutError */
export async function loseAccountKey(context: ScenarioContext): Promise<void> {
  const { namespace, name } = context.subject.issuer;
  const before = asIssuer((await context.kube.get({ ...issuerResource, namespace, name })) ?? nothing)?.status?.acme
    ?.uri;
  const secret = accountKeyNameOf(context);
  await context.kube.remove({ apiVersion: 'v1', kind: 'Secret', namespace, name: secret });
  context.note(actionNames.loseAccountKey, `Secret/${namespace}/${secret}`);
  await context.wait(
    { ...issuerResource, namespace },
    predicateOn('Issuer', name, (object) => {
      const uri = asIssuer(object)?.status?.acme?.uri;
      return uri !== undefined && uri !== before && isTrue(object, 'Ready');
    }),
    `Issuer ${namespace}/${name} to have another account than ${before}`,
    within.issuerReady,
  );
}

const nothing = { apiVersion: '', kind: '', metadata: { name: '' } };
