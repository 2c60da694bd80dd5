import { inWords, problemInWords, succeeded } from './answer.ts';
import { answerableTypes, workingType } from './attempt.ts';
import { type Authorization, authorizationsOf, challengeOf, decided } from './authorization.ts';
import { hostOf, present, type SolvableType } from './present.ts';
import { type Account, type AcmeSession, type Order, UnmetNeed } from './session.ts';

/**
 * The type to use for an authorization: of those that the CA offers and that can be answered here, the only one, else the one
 * that works here.
 *
 * @throws UnmetNeed if there is none
 */
export async function solvableType(session: AcmeSession, authorization: Authorization): Promise<SolvableType> {
  const offered = authorization.challenges.map(({ type }) => type);
  const possible = answerableTypes(session.responders).filter((type) => offered.includes(type));
  const [first] = possible;
  if (first === undefined) {
    throw new UnmetNeed(`nothing here answers any of the challenges that the CA offers (${offered.join(', ')})`);
  }
  if (possible.length === 1) return first;
  const working = await workingType(session);
  return possible.includes(working) ? working : first;
}

/**
 * Answers one authorization as an honest client does and waits for the decision.
 * @param wanted default: see {@link solvableType}
 * @returns the authorization, valid or not
 */
export async function solve(
  session: AcmeSession,
  account: Account,
  authorization: Authorization,
  wanted?: SolvableType,
): Promise<Authorization> {
  // A CA that has validated the name before may offer no challenge.
  if (authorization.object.status === 'valid') return authorization;
  if (session.options.isPreValidated === true) {
    const offered = authorization.challenges.map(({ type }) => String(type)).join(', ');
    const seen = `the authorization of ${hostOf(authorization)} is ${JSON.stringify(authorization.object.status ?? null)}`;
    const problem = `${seen} and offers ${offered || 'no challenge'}, so the name is not validated beforehand for this account`;
    // A validation may be one account's alone.
    if (account.url === (await session.account()).url) session.lack(problem);
    throw new UnmetNeed(problem);
  }
  const type = wanted ?? (await solvableType(session, authorization));
  const { url, token } = challengeOf(authorization, type);
  await using _ = await present(session.responders, type, { host: hostOf(authorization), token, account });
  const answer = await session.post({ url, by: account, payload: {}, repeats: true });
  if (!succeeded(answer)) throw new UnmetNeed(`the CA refused the response to a challenge: ${inWords(answer)}`);
  const after = await decided(session, account, authorization.url);
  if (after.object.status === 'valid') session.rememberValid(account, after.url);
  return after;
}

/** Makes all authorizations of an order valid. @throws UnmetNeed if one is not */
export async function solveAll(session: AcmeSession, order: Order, type?: SolvableType): Promise<void> {
  const after = await Promise.all(
    (await authorizationsOf(session, order)).map((authorization) => solve(session, order.account, authorization, type)),
  );
  for (const authorization of after.filter(({ object }) => object.status !== 'valid')) {
    const errors = authorization.challenges.flatMap(({ error }) =>
      error === undefined ? [] : [problemInWords(error)],
    );
    throw new UnmetNeed(
      `the authorization of ${hostOf(authorization)} became ${JSON.stringify(authorization.object.status ?? null)}${errors.length === 0 ? ', without an error' : `: ${errors.join('; ')}`}`,
    );
  }
}
