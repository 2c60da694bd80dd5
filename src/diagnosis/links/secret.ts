import type { Link } from '../link.ts';
import { qualified } from '../situation.ts';

/** The Secret with the certificate. */
export const secretLink: Link = {
  id: 'secret',
  title: 'Secret written',
  needs: ['finalize'],
  done: (situation) => {
    const { secret } = situation.input.subject;
    return situation.secret(secret)?.certificates[0] === undefined
      ? null
      : `Secret ${qualified(secret)} has a certificate.`;
  },
  rules: [],
};
