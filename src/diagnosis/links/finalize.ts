import { text } from '../../issuance/recorded-object.ts';
import { certManagerStoppedRule } from '../control-plane.ts';
import type { Link } from '../link.ts';
import {
  directoryFailsRule,
  orderFailedRule,
  orderWaitsRule,
  rateLimitedRule,
  requestRefusedByCaRule,
} from '../order-rules.ts';
import { triesAgain } from '../retry.ts';
import { quoted, sentences } from '../rule.ts';
import { titleOf } from '../situation.ts';

/** The Order's end: the CA signs the certificate. */
export const finalizeLink: Link = {
  id: 'finalize',
  title: 'certificate signed',
  needs: ['order', 'ca-request'],
  done: (situation) =>
    text(situation.order, 'status', 'state') === 'valid'
      ? `${situation.order === null ? 'The Order' : titleOf(situation.order)} is valid.`
      : null,
  rules: [
    certManagerStoppedRule,
    rateLimitedRule,
    requestRefusedByCaRule,
    orderFailedRule,
    {
      id: 'renewal-failed',
      recognizes: 'a renewal that failed while the previous certificate is still valid',
      look(situation) {
        if (situation.renewal !== 'failed') return null;
        const said = situation.certificateIssuing?.message ?? '';
        const until = text(situation.certificate, 'status', 'notAfter');
        const at = text(situation.certificate, 'status', 'lastFailureTime') ?? 'an unknown time';
        return {
          verdict: `The renewal of ${situation.certificateName} failed at ${at}; the previous certificate is still in use${until === null ? '' : ` and valid until ${until}`}.`,
          evidence: sentences(said !== '' && `${situation.certificateName} says: ${quoted(said)}.`),
          remedy: `Look for the reason in the CertificateRequest and in cert-manager's log. ${triesAgain(situation)}`,
        };
      },
    },
    directoryFailsRule,
    orderWaitsRule,
  ],
};
