import { inWords, succeeded } from '../../client/answer.ts';
import { withJson } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { expectThat, passed, standard, warned } from '../check.ts';
import { group } from '../group.ts';
import { newAccountWith } from './new-account-with.ts';
import { refused } from './refused.ts';

export const termsOfService = group(14, 'Terms of service', {
  runs: 'accounts',
  missing: 'changed terms: not testable from outside, because only the CA can change them',
  checks: [
    // RFC 8555 section 7.3: A server that requires agreement to its terms names them in meta, so that a client can ask
    // its user.
    {
      ...standard,
      id: 'terms-must-be-agreed',
      section: '7.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'newAccount without agreement is refused only if the CA requires terms and names their URL in meta.',
      async run(session) {
        const answer = await newAccountWith(session, { termsOfServiceAgreed: false });
        const { termsOfService } = await session.meta();
        if (succeeded(answer)) {
          if (termsOfService === undefined) return passed('The CA has no terms and created the account.');
          return warned('The CA has terms and created an account without agreement. It may not require agreement.');
        }
        if (termsOfService === undefined)
          return expectThat(
            false,
            `The CA refused the account, though meta names no terms: ${inWords(answer)}.`,
            answer,
          );
        return refused(answer);
      },
    },
  ],
  deviations: [
    {
      name: 'terms-not-advertised',
      describes: 'The directory names no terms of service, though accounts must agree to them.',
      rfc: 8555,
      section: '7.3',
      breaks: ['terms-must-be-agreed'],
      apply: changeAnswers(['directory'], (answer) =>
        withJson(answer, ({ meta, ...directory }) => ({
          ...directory,
          meta: { ...(meta as object | undefined), termsOfService: undefined },
        })),
      ),
    },
  ],
});
