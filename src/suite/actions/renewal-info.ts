import type { FurtherCa } from '../../environment/environment.ts';
import { actionNames } from '../../evidence/action-names.ts';
import { certificateFacts } from '../../evidence/certificate-facts.ts';
import { asCertificate, certificateResource, type RenewalInformation } from '../../kube/cert-manager-objects.ts';
import { predicateOn } from '../../kube/until.ts';
import type { ScenarioContext } from '../context/context.ts';
import { readSecretUnderTest, serialHasZeroOctet } from '../context/secret-under-test.ts';
import { within } from '../context/time-limits.ts';
import { deleteObject } from './deletion.ts';
import { untilRevision } from './renewal.ts';

/** The window must begin after the certificate does: cert-manager takes an earlier one for that of the certificate before. */
const windowBeginsAfterMs = 1_000;

/**
 * Has a leaf issued again whose serial number begins with a zero octet in DER: Pebble finds no order for it when another one
 * `replaces` it (docs/upstream). That is one leaf in 256.
 *
 * @returns the revision of the Certificate
 * @throws TimeoutError
 */
export async function untilReplaceable(context: ScenarioContext): Promise<number> {
  const { namespace, name } = context.subject.secret;
  for (let revision = 1; ; revision += 1) {
    if (!serialHasZeroOctet(await readSecretUnderTest(context))) return revision;
    // Without the leaf in its Secret, cert-manager does not order with `replaces`.
    await deleteObject(context, { apiVersion: 'v1', kind: 'Secret', namespace, name });
    await untilRevision(context, revision + 1, within.certificateReady);
  }
}

/** Where Pebble answers questions about renewals. */
const renewalInfoPath = '/draft-ietf-acme-ari-03/renewalInfo/';

/** Has questions about renewals refused with this status, before the CA is asked. @throws Error unless the CA can fail */
export async function refuseRenewalInfo(context: ScenarioContext, ca: FurtherCa, status: 404 | 500): Promise<void> {
  const problem = status === 404 ? 'malformed' : 'serverInternal';
  await ca.fail({ kind: 'status', status, problem, below: renewalInfoPath });
  context.note(actionNames.renewalInfoAnswers, String(status));
}

/** Has questions about renewals answered with this Retry-After. @throws Error unless the CA can fail */
export async function retryRenewalInfoAfter(context: ScenarioContext, ca: FurtherCa, seconds: number): Promise<void> {
  await ca.fail({ kind: 'retry-after', seconds, below: renewalInfoPath });
  context.note(actionNames.renewalInfoAnswers, `Retry-After: ${seconds}`);
}

/** Waits until the Certificate shows that the CA refused to say when to renew it. @throws TimeoutError */
export async function untilRenewalInfoRefused(context: ScenarioContext): Promise<void> {
  await untilInformation(
    context,
    'to show that the CA has no renewal information',
    ({ lastError = '' }) => lastError !== '',
  );
}

/** Waits until cert-manager has asked the CA about the leaf that is in the Secret now. @throws TimeoutError */
export async function untilRenewalInfoOfLeaf(context: ScenarioContext): Promise<void> {
  const { leaf } = await readSecretUnderTest(context);
  const since = leaf === null ? Number.NaN : Date.parse(certificateFacts(leaf).notBefore);
  await untilInformation(
    context,
    'to have renewal information of its new leaf',
    ({ lastChecked = '' }) => Date.parse(lastChecked) >= since,
  );
}

/** Waits until cert-manager has asked the CA when to renew the certificate. @throws TimeoutError */
export async function untilRenewalInfo(context: ScenarioContext): Promise<void> {
  await untilInformation(
    context,
    'to have renewal information',
    ({ suggestedWindow }) => suggestedWindow !== undefined,
  );
}

async function untilInformation(
  context: ScenarioContext,
  what: string,
  holds: (information: RenewalInformation) => boolean,
): Promise<void> {
  const { namespace, name } = context.subject.certificate;
  await context.wait(
    { ...certificateResource, namespace },
    predicateOn('Certificate', name, (object) => {
      const information = asCertificate(object)?.status?.acme?.ari;
      return information !== undefined && holds(information);
    }),
    `Certificate ${namespace}/${name} ${what}`,
    within.renewalInfo,
  );
}

/**
 * Makes the CA suggest a renewal now, and cert-manager ask again. It asks at most once an hour, so its next check is moved to now
 * in the Certificate's status.
 */
export async function moveRenewalWindow(context: ScenarioContext, ca: FurtherCa): Promise<void> {
  const { namespace, name } = context.subject.secret;
  const { leaf } = await readSecretUnderTest(context);
  if (leaf === null) throw new Error(`Secret ${namespace}/${name} has no certificate`);
  const start = wholeSeconds(Date.parse(certificateFacts(leaf).notBefore) + windowBeginsAfterMs);
  const end = wholeSeconds(Date.now() + 60_000);
  await ca.setRenewalInfo(leaf, { suggestedWindow: { start, end } });
  context.note(actionNames.renewalWindow, `from ${start} to ${end}`);
  await context.kube.patchStatus(
    { ...certificateResource, ...context.subject.certificate },
    { acme: { ari: { nextCheck: wholeSeconds(Date.now()) } } },
  );
}

/** A time as Kubernetes keeps it (RFC 3339): without fractions of a second. */
function wholeSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
