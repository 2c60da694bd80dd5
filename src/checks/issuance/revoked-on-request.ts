import { findLeaf } from '../../issuance/recorded-secret.ts';
import { type Check, failed, passed } from '../check.ts';

/** RFC 8555 section 7.6: a revocation signed by the certificate's key; a second one is refused as alreadyRevoked. */
export const revokedOnRequest: Check = {
  id: 'revoked-on-request',
  asserts: "The CA revokes the Secret's leaf for who has its key, and says alreadyRevoked when asked again.",
  judge(evidence) {
    const leaf = findLeaf(evidence);
    if (typeof leaf === 'string') return failed(leaf);
    const asked = evidence.acme?.revocations ?? [];
    const [first, second] = asked;
    if (first === undefined || second === undefined) {
      return failed(`The CA was asked ${asked.length} time(s) to revoke, where twice tells.`);
    }
    const { fingerprintSha256 } = leaf;
    if (asked.some((one) => one.fingerprintSha256 !== fingerprintSha256)) {
      return failed(`Another certificate was to be revoked than the leaf in the Secret (${fingerprintSha256}).`);
    }
    if (first.status !== 200) {
      return failed(`The revocation should be answered 200, but was ${first.status} (${first.error ?? 'no error'}).`);
    }
    if (second.error !== alreadyRevoked) {
      return failed(
        `The second revocation should be refused as ${alreadyRevoked}, but was answered ${second.status} (${second.error ?? 'no error'}).`,
      );
    }
    return passed(`The leaf was revoked (200), and again: ${second.status} ${alreadyRevoked}.`);
  },
};

const alreadyRevoked = 'urn:ietf:params:acme:error:alreadyRevoked';
