import { condition, text } from '../../issuance/recorded-object.ts';
import type { Link } from '../link.ts';
import { quoted } from '../rule.ts';
import { titleOf } from '../situation.ts';

/** cert-manager's own approver answers at once, and others within seconds. */
const longestApprovalMs = 30_000;

/** The approval of the CertificateRequest. */
export const approvalLink: Link = {
  id: 'approval',
  title: 'CertificateRequest approved',
  needs: ['request'],
  done: (situation) =>
    condition(situation.request, 'Approved')?.status === 'True' && situation.request !== null
      ? `${titleOf(situation.request)} is approved.`
      : null,
  rules: [
    {
      id: 'request-denied',
      recognizes: 'a CertificateRequest that an approver denied',
      look(situation) {
        const denied = condition(situation.request, 'Denied');
        if (denied?.status !== 'True' || situation.request === null || situation.isIssued) return null;
        return {
          verdict: `The issuance ended: ${titleOf(situation.request)} was denied.`,
          evidence: [`It says: ${denied.reason}: ${quoted(denied.message)}.`],
          remedy:
            'Fix what the approval policy rejects, or change the policy. The policy then decides on the next CertificateRequest.',
        };
      },
    },
    {
      id: 'request-not-approved',
      recognizes: 'a CertificateRequest that nobody has approved or denied',
      look(situation) {
        const { request } = situation;
        if (request === null || situation.isIssued || situation.order !== null) return null;
        if (condition(request, 'Approved') !== null || condition(request, 'Denied') !== null) return null;
        if (!(situation.ageOf(request) > longestApprovalMs)) return null;
        return {
          verdict: `The issuance waits for an approval that does not come: nobody has approved or denied ${titleOf(request)}.`,
          evidence: [
            `${titleOf(request)} was created at ${text(request, 'metadata', 'creationTimestamp')} and has neither the condition Approved nor Denied.`,
          ],
          remedy: `Approve it ('cmctl approve ${text(request, 'metadata', 'name')} -n ${text(request, 'metadata', 'namespace')}'), or find the approver: cert-manager's own is off (disableAutoApproval, --controllers) or not allowed for the signer (approveSignerNames), or no CertificateRequestPolicy of approver-policy selects the request.`,
        };
      },
    },
  ],
};
