import type { AttemptRequest, ToAnswer } from '../../client/attempt.ts';
import { need } from '../../client/present.ts';
import type { HttpReply, HttpResponder, Responders } from '../../client/responders.ts';
import { sharedTrial } from './validation-attempt.ts';

/** @throws UnmetNeed if no HTTP responder runs */
export const httpOf = (responders: Responders): HttpResponder => need(responders.http, 'http-01', '--http-port');

/** RFC 8555 section 8.3. */
export const pathOf = (token: string) => `/.well-known/acme-challenge/${token}`;

/** Answers the request for the key authorization with a reply. */
export function replying(reply: (to: ToAnswer) => HttpReply): AttemptRequest['answer'] {
  return async (use, to) => {
    use.use(httpOf(to.responders).put(to.host, pathOf(to.token), reply(to)));
  };
}

/** The right token with the thumbprint of a key that nobody has: 32 bytes in base64url. */
export const keyOfAnother = sharedTrial({
  label: 'http-01-key-of-another-account',
  type: 'http-01',
  answer: replying(({ token }) => ({ status: 200, body: `${token}.${'A'.repeat(43)}` })),
});
