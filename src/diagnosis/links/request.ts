import { condition, field, text, texts } from '../../issuance/recorded-object.ts';
import { type Link, step } from '../link.ts';
import { requestWaitsRule } from '../request-waits.ts';
import { triesAgain } from '../retry.ts';
import { quoted, type Rule, sentences } from '../rule.ts';
import { titleOf } from '../situation.ts';

/** cert-manager makes a CertificateRequest within seconds. */
const longestBeginningMs = 60_000;

/** The CertificateRequest that cert-manager makes for a Certificate. */
export const requestLink: Link = {
  id: 'request',
  title: 'CertificateRequest made',
  needs: ['issuer', 'certificate'],
  done: (situation) => (situation.request === null ? null : `${titleOf(situation.request)} exists.`),
  rules: [
    {
      id: 'common-name-is-no-dns-name',
      recognizes: 'a request whose common name is none of its DNS names, which an ACME order cannot have',
      look(situation) {
        const failed = condition(situation.request, 'Ready');
        const name = text(situation.certificate, 'spec', 'commonName');
        if (situation.isIssued || situation.order !== null || situation.request === null || name === null) return null;
        if (failed?.reason !== 'Failed' || !/common ?name/i.test(failed.message)) return null;
        const names = texts(situation.certificate, 'spec', 'dnsNames');
        return {
          verdict: `The issuance failed before an Order: ${titleOf(situation.request)} is refused, as its commonName "${name}" is none of its dnsNames (${names.join(', ') || 'none'}).`,
          evidence: [
            `${titleOf(situation.request)} says: ${failed.reason}: ${quoted(failed.message)}.`,
            ...failedAt(situation.request),
          ],
          remedy: `Take spec.commonName away or make it one of dnsNames. ${triesAgain(situation)}`,
        };
      },
    },
    {
      id: 'request-failed',
      recognizes: 'a CertificateRequest that failed before an Order was placed',
      look(situation) {
        const { request } = situation;
        if (situation.isIssued || situation.order !== null || request === null) return null;
        const failed = condition(request, 'Ready');
        const invalid = condition(request, 'InvalidRequest');
        const said = invalid?.status === 'True' ? invalid : failed;
        if (said === null || (failed?.reason !== 'Failed' && invalid?.status !== 'True')) return null;
        return {
          verdict: `The issuance failed before an Order: ${titleOf(request)} failed: ${quoted(said.message)}.`,
          evidence: [`${titleOf(request)} says: ${said.reason}: ${quoted(said.message)}.`, ...failedAt(request)],
          remedy: `Change in ${situation.certificateName} or ${situation.issuerName} what the message names. ${triesAgain(situation)}`,
        };
      },
    },
    {
      id: 'key-may-not-change',
      recognizes: 'a Certificate that may not get the new private key that it asks for (rotationPolicy Never)',
      look(situation) {
        const { certificate, request } = situation;
        if (certificate === null || situation.isIssued || situation.certificateIssuing?.status !== 'True') return null;
        // One that is Ready is of an earlier issuance.
        if (request !== null && condition(request, 'Ready')?.status !== 'True') return null;
        const policy = text(certificate, 'spec', 'privateKey', 'rotationPolicy');
        if (policy === 'Always') return null;
        const said = situation.eventsOf(certificate).findLast(({ reason }) => reason === 'CannotRegenerateKey');
        if (said === undefined) return null;
        const fields = /mismatching fields: \[(.*?)\]/.exec(said.message)?.[1] ?? '';
        const secret = text(certificate, 'spec', 'secretName') ?? '';
        return {
          verdict: `The issuance does not begin: the private key in Secret ${secret} is not the one that ${situation.certificateName} asks for${fields === '' ? '' : ` (${fields})`}, and cert-manager may not make another, as its rotationPolicy is ${policy ?? 'unset'}.`,
          evidence: [`${situation.certificateName} has the event ${said.reason}: ${quoted(said.message)}.`],
          remedy: `Set spec.privateKey.rotationPolicy of ${situation.certificateName} to Always, or delete the Secret ${secret}, or ask for a key such as the Secret has.`,
        };
      },
    },
    {
      id: 'certificate-not-looked-at',
      recognizes: 'a Certificate that cert-manager has not looked at',
      look(situation) {
        const { certificate } = situation;
        if (certificate === null || situation.request !== null || situation.couldNotSee('CertificateRequest'))
          return null;
        if (situation.certificateReady !== null || situation.certificateIssuing !== null) return null;
        if (!(situation.ageOf(certificate) > longestBeginningMs)) return null;
        return {
          verdict: `The issuance does not begin: cert-manager has not looked at ${situation.certificateName}, which has no status.`,
          evidence: [`It was created at ${text(certificate, 'metadata', 'creationTimestamp')} and has no condition.`],
          remedy:
            "Check that cert-manager's controller runs, that it is the leader, and that its --namespace and --controllers include this Certificate.",
          confidence: 'inferred',
        };
      },
    },
    step({
      id: 'backs-off',
      recognizes: 'a Certificate whose last attempt failed, and whose next one waits',
      look(situation) {
        const failedAt = text(situation.certificate, 'status', 'lastFailureTime');
        if (situation.isIssued || situation.renewal !== null || situation.request !== null || failedAt === null)
          return null;
        if (situation.couldNotSee('CertificateRequest')) return null;
        if (situation.certificateIssuing?.status === 'True') return null;
        const said = situation.certificateIssuing?.message ?? '';
        return {
          verdict: `The last attempt failed at ${failedAt}${said === '' ? '' : ` (${quoted(said)})`}, and cert-manager waits before the next one.`,
          evidence: sentences(
            `${situation.certificateName} has failedIssuanceAttempts ${String(field(situation.certificate, 'status', 'failedIssuanceAttempts') ?? 'unknown')}.`,
          ),
          remedy: triesAgain(situation),
        };
      },
    }),
    onlyWithoutRequest(requestWaitsRule),
  ],
};

function failedAt(request: unknown): string[] {
  const at = text(request, 'status', 'failureTime');
  return at === null ? [] : [`Its failureTime is ${at}.`];
}

/** With a CertificateRequest, the Order is what is missing. */
function onlyWithoutRequest(rule: Rule): Rule {
  return { ...rule, look: (situation) => (situation.request === null ? rule.look(situation) : null) };
}
