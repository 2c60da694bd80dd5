import { actionNames } from '../../evidence/action-names.ts';
import { nameOf, text } from '../../issuance/recorded-object.ts';
import { ingressClassCreatedAt, isBefore } from '../../issuance/scenario-moments.ts';
import { type Check, failed, passed } from '../check.ts';
import { withoutChallenge } from '../without-challenge.ts';

/** cert-manager's self-check message. */
const reason404 = "wrong status code '404', expected '200'";

/** For the scenario missing-ingress-class: the reason that a user sees on the Challenge. */
export const challengeReports404: Check = {
  id: 'challenge-reports-404',
  asserts: `Before the IngressClass was created, every Challenge reported the reason "${reason404}".`,
  judge(evidence, issuance) {
    if (issuance.challenges.length === 0) return withoutChallenge(evidence, issuance);
    const moment = ingressClassCreatedAt(evidence);
    const limit = moment === null ? '' : ` before ${actionNames.createIngressClass} (${moment})`;

    const defects: string[] = [];
    const seen: string[] = [];
    for (const { history } of issuance.challenges) {
      const reasons = history.states
        .filter((state) => isBefore(state.at, moment))
        .flatMap((state) => {
          const reason = text(state.object, 'status', 'reason');
          return reason === null ? [] : { at: state.at, reason };
        });
      const found = reasons.find(({ reason }) => reason.includes(reason404));
      if (found !== undefined) seen.push(`${nameOf(history)} at ${found.at}: "${found.reason}"`);
      else {
        const given = [...new Set(reasons.map(({ reason }) => `"${reason}"`))].join(', ');
        defects.push(
          `${nameOf(history)} should have reported the reason "${reason404}"${limit}, but reported ${given === '' ? 'none' : given}.`,
        );
      }
    }
    return defects.length > 0 ? failed(defects.join(' ')) : passed(`${seen.join('; ')}.`);
  },
};
