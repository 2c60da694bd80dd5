import { describeEntry } from '../../issuance/gateway-requests.ts';
import { type Check, failed, passed } from '../check.ts';
import { missingAccessLog } from '../missing-access-log.ts';
import { withoutChallenge } from '../without-challenge.ts';
import { routedRequest } from './challenge-routed-through-gateway.ts';

/** The CA's validation request (RFC 8555 section 8.3), for scenarios that do not probe the path beforehand. */
export const caReachedTheSolver: Check = {
  id: 'ca-reached-the-solver',
  asserts: "The CA's own request for each Challenge's token reached that Challenge's solver through the gateway.",
  judge(evidence, issuance) {
    if (issuance.challenges.length === 0) return withoutChallenge(evidence, issuance);
    const unseen = missingAccessLog(evidence);
    if (unseen) return unseen;
    const routed = issuance.challenges.map((challenge) => routedRequest(evidence, challenge));
    const defects = routed.filter((found) => typeof found === 'string');
    if (defects.length > 0) return failed(defects.join(' '));
    return passed(`${routed.flatMap((found) => (typeof found === 'string' ? [] : describeEntry(found))).join('; ')}.`);
  },
};
