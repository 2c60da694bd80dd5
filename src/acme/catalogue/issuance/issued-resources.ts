import { readAuthorization } from '../../client/authorization.ts';
import { sharedIssuance } from '../../client/issuance.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import type { HttpAnswer } from '../../client/transport.ts';

/** The shared issuance with one of its challenges, read once per run. */
export const issuedResources = oncePerSession(async (session) => {
  const issued = await sharedIssuance(session);
  const { account } = issued.order;
  const authorization = await readAuthorization(session, account, session.authorizationOf(issued.order));
  const url = authorization.challenges[0]?.url;
  if (typeof url !== 'string' || !URL.canParse(url)) throw new UnmetNeed('the challenge has no URL');
  return { issued, challengeUrl: url, challenge: await session.read(account, url) };
});

/** Answers with the names of their resources. */
export type NamedAnswers = readonly (readonly [string, HttpAnswer])[];

/** The answers that only an issuance brings. */
export async function issuanceAnswers(session: AcmeSession): Promise<NamedAnswers> {
  const { issued, challenge } = await issuedResources(session);
  return [
    ['challenge', challenge],
    ['finalize', issued.finalized],
    ['certificate', issued.download],
  ];
}
