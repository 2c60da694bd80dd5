import { inWords, succeeded } from '../../client/answer.ts';
import { withJson } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { failed, passed, standard, warned } from '../check.ts';
import { group } from '../group.ts';
import { newAccountWith } from './new-account-with.ts';
import { refused } from './refused.ts';

export const termsOfService = group(14, 'Terms of service', {
  runs: 'accounts',
  missing: 'changed terms: not testable from outside, as only the CA can change them',
  checks: [
    {
      ...standard,
      id: 'terms-must-be-agreed',
      section: '7.3',
      level: 'MUST',
      basis: 'keyword',
      asserts:
        'newAccount without agreement is refused where the CA requires terms, and only where meta has their URL.',
      async run(session) {
        const answer = await newAccountWith(session, { termsOfServiceAgreed: false });
        const { termsOfService } = await session.meta();
        if (succeeded(answer)) {
          if (termsOfService === undefined) return passed('The CA has no terms, and made the account.');
          return warned('The CA has terms and made an account without agreement to them: it may not require it.');
        }
        if (termsOfService === undefined) return failed(`It was refused though meta has no terms: ${inWords(answer)}.`);
        return refused(answer);
      },
    },
  ],
  deviations: [
    {
      name: 'terms-not-advertised',
      describes: 'The directory has no terms of service, though accounts must agree to some.',
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
