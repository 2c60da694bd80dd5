import { succeeded } from '../../client/answer.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { type CheckFinding, expectRefusal, failed } from '../check.ts';

/** What the CA must refuse with a client error. */
export function refused(answer: HttpAnswer): CheckFinding {
  if (succeeded(answer)) return failed(`The CA accepted it: ${answer.status}.`);
  return expectRefusal(answer);
}
