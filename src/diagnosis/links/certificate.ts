import { text } from '../../issuance/recorded-object.ts';
import type { Link } from '../link.ts';
import { quoted, sentences } from '../rule.ts';
import { titleOf } from '../situation.ts';

/** The Certificate itself: what it asks for. */
export const certificateLink: Link = {
  id: 'certificate',
  title: 'Certificate',
  needs: ['issuer'],
  done: (situation) => (situation.certificate === null ? null : `${situation.certificateName} exists.`),
  rules: [
    {
      id: 'two-certificates-one-secret',
      recognizes: 'two Certificates that write the same Secret',
      look(situation) {
        const { certificate } = situation;
        const secretName = text(certificate, 'spec', 'secretName');
        const namespace = text(certificate, 'metadata', 'namespace');
        if (certificate === null || secretName === null) return null;
        const others = situation
          .all('cert-manager.io', 'Certificate')
          .filter(
            (other) =>
              text(other, 'metadata', 'namespace') === namespace &&
              text(other, 'spec', 'secretName') === secretName &&
              text(other, 'metadata', 'name') !== text(certificate, 'metadata', 'name'),
          );
        const ready = situation.certificateReady;
        const [other] = others;
        if (other === undefined || ready?.status === 'True') return null;
        return {
          verdict: `${situation.certificateName} cannot become Ready: ${titleOf(other)} writes the same Secret ${namespace}/${secretName}.`,
          evidence: sentences(
            `spec.secretName of both is ${secretName}.`,
            ready !== null && `${situation.certificateName} says: ${ready.reason}: ${quoted(ready.message)}.`,
          ),
          remedy: 'Give each Certificate a Secret of its own.',
        };
      },
    },
  ],
};
