import { inWords, succeeded } from '../../client/answer.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { type CheckFinding, expectThat, failed } from '../check.ts';

/** What the CA must refuse with a client error. */
export function refused(answer: HttpAnswer): CheckFinding {
  if (succeeded(answer)) return failed(`The CA accepted it: ${answer.status}.`);
  return expectThat(answer.status >= 400 && answer.status < 500, `The CA answered ${inWords(answer)}.`);
}
