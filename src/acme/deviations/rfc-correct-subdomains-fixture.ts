import { withJson } from './answer-change.ts';
import { authorizeInstead, isBelow } from './authorize-ancestor.ts';
import { changeAnswers } from './change-answers.ts';
import type { Deviation } from './deviation.ts';

/** For tests: adds to Pebble that a domain may be authorized for its subdomains (RFC 9444), as far as its objects show that. */
export const rfcCorrectSubdomains: readonly Deviation['apply'][] = [
  changeAnswers(['directory'], (answer) =>
    withJson(answer, (directory) => ({
      ...directory,
      meta: { ...(directory.meta as object | undefined), subdomainAuthAllowed: true },
    })),
  ),
  authorizeInstead(({ value, ancestorDomain }) => (isBelow(value, ancestorDomain) ? ancestorDomain : null)),
];
