import { errorType, inWords, succeeded } from '../../client/answer.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import { type AcmeSession, type PostOptions, UnmetNeed } from '../../client/session.ts';
import type { SigningKey } from '../../client/signing-key.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { type CheckFinding, expectRefusal, failed } from '../check.ts';

/**
 * Looks up an account that does not exist (RFC 8555 section 7.3.1), with a fault. A CA that misses the fault answers
 * accountDoesNotExist. Either way the request creates nothing.
 */
export async function lookUp(
  session: AcmeSession,
  fault?: PostOptions['fault'],
  key?: SigningKey,
): Promise<HttpAnswer> {
  const by = key ?? (await session.key('look-up'));
  return session.newAccount(by, { onlyReturnExisting: true }, fault === undefined ? {} : { fault });
}

/** Whether the CA accepted a look-up as a valid request. */
export function acceptedLookUp(answer: HttpAnswer): boolean {
  return succeeded(answer) || errorType(answer) === 'accountDoesNotExist';
}

/** A look-up without a fault, once per run. */
const honestLookUp = oncePerSession((session) => lookUp(session));

/**
 * A CA that refuses even a look-up without a fault proves nothing by refusing one with a fault.
 *
 * @throws UnmetNeed if the CA refuses it
 */
export async function needsLookUps(session: AcmeSession): Promise<void> {
  const answer = await honestLookUp(session);
  if (!acceptedLookUp(answer)) throw new UnmetNeed(`the CA also refuses a look-up without a fault: ${inWords(answer)}`);
}

/** A fault must lead to a client error, neither to acceptance nor to a server error. */
export function refusal(answer: HttpAnswer, accepted: boolean): CheckFinding {
  if (accepted) return failed(`The CA accepted the faulty request: ${inWords(answer)}.`);
  return expectRefusal(answer);
}

/** A fault only in the protected header. The signature covers it. */
export function headerFault(change: (header: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>) {
  return { header: change } as const;
}
