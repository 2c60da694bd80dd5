import { actionNames } from '../../evidence/action-names.ts';
import { asCertificate, type CertificateObject, certificateResource } from '../../kube/cert-manager-objects.ts';
import { isTrue } from '../../kube/conditions.ts';
import { issueAgain } from '../../kube/issue-again.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { predicateOn } from '../../kube/until.ts';
import type { ScenarioContext } from '../context/context.ts';
import { within } from '../context/time-limits.ts';

/**
 * Waits until the Certificate was issued so many times in all, and its last issuance has ended.
 *
 * @throws TimeoutError
 */
export async function untilRevision(context: ScenarioContext, revision: number, withinMs: number): Promise<void> {
  const { namespace, name } = context.subject.certificate;
  await context.wait(
    { ...certificateResource, namespace },
    predicateOn('Certificate', name, (object) => {
      const status = asCertificate(object)?.status;
      return (status?.revision ?? 0) >= revision && !isTrue(object, 'Issuing') && isTrue(object, 'Ready');
    }),
    `Certificate ${namespace}/${name} to reach revision ${revision}`,
    withinMs,
  );
  context.note(actionNames.renewed, `Certificate/${namespace}/${name} has revision ${revision}`);
}

/**
 * Waits until the Certificate was issued for the second time, or cert-manager gave its issuance up: then it tries again an hour
 * later at the earliest.
 *
 * @throws TimeoutError if neither
 */
export async function untilRenewedOrGivenUp(
  context: ScenarioContext,
  withinMs: number,
): Promise<'renewed' | 'given-up'> {
  const { namespace, name } = context.subject.certificate;
  const seen = await context.wait(
    { ...certificateResource, namespace },
    predicateOn('Certificate', name, (object) => {
      const status = asCertificate(object)?.status;
      const isRenewed = (status?.revision ?? 0) >= 2 && isTrue(object, 'Ready');
      return !isTrue(object, 'Issuing') && (isRenewed || status?.lastFailureTime !== undefined);
    }),
    `Certificate ${namespace}/${name} to be renewed, or its issuance to be given up`,
    withinMs,
  );
  const failedAt = asCertificate(seen)?.status?.lastFailureTime;
  if (failedAt === undefined) {
    context.note(actionNames.renewed, `Certificate/${namespace}/${name}`);
    return 'renewed';
  }
  context.note(actionNames.givenUp, `Certificate/${namespace}/${name} at ${failedAt}`);
  return 'given-up';
}

/** Takes renewBefore from the Certificate: a leaf of minutes is then due after two thirds of them, and not while it is judged. */
export async function endRenewals(context: ScenarioContext): Promise<void> {
  const { certificate } = context.subject;
  context.note(actionNames.endRenewals, `Certificate/${certificate.namespace}/${certificate.name}`);
  await context.kube.patch(
    { ...certificateResource, ...certificate },
    { spec: { renewBefore: null, renewBeforePercentage: null } },
  );
}

/**
 * Renews the Certificate as `cmctl renew` does, by the condition Issuing, and waits until the renewal ended. So many times, one
 * after another.
 *
 * @throws TimeoutError
 */
export async function renewCertificate(context: ScenarioContext, times = 1): Promise<void> {
  const { namespace, name } = context.subject.certificate;
  for (let revision = 1; revision <= times; revision += 1) {
    const issued = await untilIssuanceEnded(context, revision);
    context.note(actionNames.renew, `Certificate/${namespace}/${name}`);
    await issueAgain(context.kube, issued);
    await untilCertificate(context, (it) => (it.status?.revision ?? 0) > revision, `to reach revision ${revision + 1}`);
    context.note(actionNames.renewed, `Certificate/${namespace}/${name}`);
  }
}

/** Asks for a renewal as `cmctl renew` does, once the first issuance has ended, and waits for nothing more. @throws TimeoutError */
export async function askForRenewal(context: ScenarioContext): Promise<void> {
  const { namespace, name } = context.subject.certificate;
  const issued = await untilIssuanceEnded(context, 1);
  context.note(actionNames.renew, `Certificate/${namespace}/${name}`);
  await issueAgain(context.kube, issued);
}

/**
 * Waits until an issuance has ended. Ready comes with the Secret, a moment before: a renewal asked for in between is lost, or gets
 * the key of the first issuance.
 */
export function untilIssuanceEnded(context: ScenarioContext, revision: number): Promise<KubeObject> {
  return untilCertificate(
    context,
    (it) =>
      (it.status?.revision ?? 0) >= revision &&
      it.status?.nextPrivateKeySecretName === undefined &&
      !isTrue(it, 'Issuing'),
    'to end its issuance',
  );
}

function untilCertificate(
  context: ScenarioContext,
  holds: (certificate: CertificateObject) => boolean,
  what: string,
): Promise<KubeObject> {
  const { namespace, name } = context.subject.certificate;
  return context.wait(
    { ...certificateResource, namespace },
    predicateOn('Certificate', name, (object) => {
      const certificate = asCertificate(object);
      return certificate !== null && holds(certificate);
    }),
    `Certificate ${namespace}/${name} ${what}`,
    within.certificateReady,
  );
}
