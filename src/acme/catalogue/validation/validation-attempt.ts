import { type Attempt, type AttemptRequest, attempt, needSuccess, unreached } from '../../client/attempt.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import type { SolvableType } from '../../client/present.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { type CaCheck, type CheckFinding, failed, passed, warned } from '../check.ts';

/** A {@link trial} that several checks share, made once per run. */
export function sharedTrial(request: TrialRequest): (session: AcmeSession) => Promise<Attempt> {
  return oncePerSession((session) => trial(session, request));
}

type TrialRequest = AttemptRequest & { readonly type: SolvableType };

/**
 * Tries an answer that is not the usual one.
 *
 * @throws UnmetNeed if the usual answer does not validate here: then the outcome of this one says nothing
 */
export async function trial(session: AcmeSession, request: TrialRequest): Promise<Attempt> {
  await needSuccess(session, request.type);
  return attempt(session, request);
}

/**
 * The `run` of a check that the CA accepts an answer. The id of the check is the label of its name.
 *
 * @param answered what was answered, as the beginning of a sentence: `A body with a line feed at its end`
 */
export function accepts(type: SolvableType, answered: string, answer: AttemptRequest['answer']): CaCheck['run'] {
  return async function (this: Pick<CaCheck, 'id'>, session) {
    return expectValid(await trial(session, { label: this.id, type, answer }), answered);
  };
}

/** As {@link accepts}, for an answer that the CA must refuse. */
export function refuses(type: SolvableType, answered: string, answer: AttemptRequest['answer']): CaCheck['run'] {
  return async function (this: Pick<CaCheck, 'id'>, session) {
    return expectRefused(await trial(session, { label: this.id, type, answer }), answered);
  };
}

/** @param answered what was answered, as a beginning of a sentence: `A body with a line feed at its end` */
export function expectValid(made: Attempt, answered: string): CheckFinding {
  return validOr(made, `${answered} made the authorization ${made.outcome}.`);
}

/** Of an attempt that must succeed. A CA that got no answer in time has refused nothing: that is a warning. */
export function validOr(
  { isValid, errorType, isLate }: Pick<Attempt, 'isValid' | 'errorType' | 'isLate'>,
  seen: string,
): CheckFinding {
  if (isValid) return passed(seen);
  return (unreached.has(errorType) || isLate ? warned : failed)(seen);
}

/** @param answered what was answered, as a beginning of a sentence: `The key authorization of another account` */
export function expectRefused({ isValid, outcome }: Attempt, answered: string): CheckFinding {
  return (isValid ? failed : passed)(`${answered} made the authorization ${outcome}.`);
}

/** Whether the error of a failed validation has one of the types that RFC 8555 section 6.7 intends for it. */
export function expectErrorType(
  { isValid, errorType, outcome }: Attempt,
  failure: string,
  types: readonly string[],
): CheckFinding {
  if (isValid) throw new UnmetNeed(`${failure} did not make the validation fail`);
  const right = errorType !== null && types.includes(errorType);
  return (right ? passed : failed)(`${failure} made the authorization ${outcome}.`);
}
