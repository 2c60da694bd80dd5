import { actionNames } from '../../evidence/action-names.ts';
import { asCertificate, type CertificateObject, certificateResource } from '../../kube/cert-manager-objects.ts';
import { isTrue } from '../../kube/conditions.ts';
import { issueAgain } from '../../kube/issue-again.ts';
import { predicateOn } from '../../kube/until.ts';
import type { ScenarioContext } from '../context/context.ts';
import { within } from '../context/time-limits.ts';

/**
 * Renews the Certificate as `cmctl renew` does, by the condition Issuing, and waits until the renewal ended.
 *
 * @throws TimeoutError
 */
export async function renewCertificate(context: ScenarioContext): Promise<void> {
  const { namespace, name } = context.subject.certificate;
  const until = (holds: (certificate: CertificateObject) => boolean, what: string) =>
    context.wait(
      { ...certificateResource, namespace },
      predicateOn('Certificate', name, (object) => {
        const certificate = asCertificate(object);
        return certificate !== null && holds(certificate);
      }),
      `Certificate ${namespace}/${name} ${what}`,
      within.certificateReady,
    );
  // Ready comes with the Secret, a moment before cert-manager ends the issuance: a renewal asked for in between is lost, or gets
  // the key of the first issuance.
  const issued = await until(
    (it) =>
      (it.status?.revision ?? 0) >= 1 && it.status?.nextPrivateKeySecretName === undefined && !isTrue(it, 'Issuing'),
    'to end its first issuance',
  );
  context.note(actionNames.renew, `Certificate/${namespace}/${name}`);
  await issueAgain(context.kube, issued);
  await until((it) => (it.status?.revision ?? 0) >= 2, 'to reach revision 2');
  context.note(actionNames.renewed, `Certificate/${namespace}/${name}`);
}
