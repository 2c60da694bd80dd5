import { findLeaf } from '../../issuance/recorded-secret.ts';
import { type Check, failed, passed } from '../check.ts';

/** RFC 8555 section 7.6: a revocation signed by the certificate's key; a second one is refused as alreadyRevoked. */
export const revokedOnRequest: Check = {
  id: 'revoked-on-request',
  asserts:
    "The CA revokes the Secret's leaf on a request signed with its key, and answers a second request with alreadyRevoked.",
  judge(evidence) {
    const leaf = findLeaf(evidence);
    if (typeof leaf === 'string') return failed(leaf);
    const asked = evidence.acme?.revocations ?? [];
    const [first, second] = asked;
    if (first === undefined || second === undefined) {
      return failed(`The CA received ${asked.length} revocation request(s); the check needs two.`);
    }
    const { fingerprintSha256 } = leaf;
    if (asked.some((one) => one.fingerprintSha256 !== fingerprintSha256)) {
      return failed(
        `A revocation request was for a certificate other than the leaf in the Secret (${fingerprintSha256}).`,
      );
    }
    if (first.status !== 200) {
      return failed(`The revocation should be answered 200, but was ${first.status} (${first.error ?? 'no error'}).`);
    }
    if (second.error !== alreadyRevoked) {
      return failed(
        `The second revocation should be refused as ${alreadyRevoked}, but was answered ${second.status} (${second.error ?? 'no error'}).`,
      );
    }
    return passed(
      `The leaf was revoked (200), and the second request was answered ${second.status} ${alreadyRevoked}.`,
    );
  },
};

const alreadyRevoked = 'urn:ietf:params:acme:error:alreadyRevoked';
