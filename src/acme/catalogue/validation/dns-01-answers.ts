import type { AttemptRequest, ToAnswer } from '../../client/attempt.ts';
import { dns01Value, need } from '../../client/present.ts';
import type { DnsResponder, Responders } from '../../client/responders.ts';
import { ownNameServer } from './own-name-server.ts';
import { sharedTrial } from './validation-attempt.ts';

/** @throws UnmetNeed if nothing makes DNS records */
export const dnsOf = (responders: Responders): DnsResponder => need(responders.dns, 'dns-01', '--dns or --dns-hook');

/** RFC 8555 section 8.4. */
export const validationName = (host: string) => `_acme-challenge.${host}`;

/** As long as a right value. */
export const wrongValue = 'A'.repeat(43);

export const rightValue = ({ token, account }: ToAnswer) => dns01Value(token, account);

/** Sets TXT records at the validation domain name. */
export function txt(values: (to: ToAnswer) => readonly string[]): AttemptRequest['answer'] {
  return async (use, to) => {
    use.use(await dnsOf(to.responders).set(validationName(to.host), 'TXT', values(to)));
  };
}

/** The key authorization itself, as a client publishes it that forgets the digest, and another digest. */
export const wrongValues = sharedTrial({
  label: 'dns-01-wrong-values',
  type: 'dns-01',
  answer: txt((to) => [to.keyAuthorization, wrongValue]),
});

export const nameServerFails = sharedTrial({
  label: 'dns-01-name-server-fails',
  type: 'dns-01',
  async answer(use, { host, responders }) {
    use.use(await ownNameServer(responders).fail(validationName(host), 'SERVFAIL'));
  },
});
