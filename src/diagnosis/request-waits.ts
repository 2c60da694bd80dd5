import { condition, texts } from '../issuance/recorded-object.ts';
import { step } from './link.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { requestStands } from './standing.ts';

/** A Certificate between its first look and its Order: first without a CertificateRequest, then with one. */
export const requestWaitsRule: Rule = step({
  id: 'request-waits',
  recognizes: 'a Certificate whose issuance has just begun',
  look(situation) {
    if (situation.certificate === null || situation.isIssued || situation.order !== null) return null;
    const said = condition(situation.request, 'Ready')?.message ?? situation.certificateReady?.message;
    const names = texts(situation.certificate, 'spec', 'dnsNames').join(', ');
    return {
      verdict: requestStands(situation),
      evidence: sentences(
        `${situation.certificateName} is for ${names || 'no DNS name'}.`,
        said !== undefined && said !== '' && `cert-manager says: ${quoted(said)}.`,
      ),
      remedy: "Nothing yet. If this lasts longer than a minute, check cert-manager's log.",
    };
  },
});
