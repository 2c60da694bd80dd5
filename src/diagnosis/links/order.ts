import { text } from '../../issuance/recorded-object.ts';
import { caNoAnswerRule } from '../ca-no-answer.ts';
import type { Link } from '../link.ts';
import { noSolverFitsRule } from '../no-solver-fits.ts';
import { directoryFailsRule, orderFailedRule, orderWaitsRule, rateLimitedRule } from '../order-rules.ts';
import { requestWaitsRule } from '../request-waits.ts';
import { titleOf } from '../situation.ts';

/** The Order at the CA, with an authorization for each name. */
export const orderLink: Link = {
  id: 'order',
  title: 'Order placed',
  needs: ['issuer', 'approval'],
  done: (situation) =>
    situation.order !== null && situation.challenges.length > 0
      ? `${titleOf(situation.order)} is ${text(situation.order, 'status', 'state') ?? 'new'} and has Challenges.`
      : null,
  rules: [
    rateLimitedRule,
    noSolverFitsRule,
    orderFailedRule,
    caNoAnswerRule,
    directoryFailsRule,
    orderWaitsRule,
    requestWaitsRule,
  ],
};
