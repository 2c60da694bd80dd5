import { type AcmeSession, UnmetNeed } from '../client/session.ts';
import { dns01Value, need } from '../client/solve.ts';
import { type CaCheck, failed, passed } from './check.ts';
import { ownNameServer } from './own-name-server.ts';
import {
  type Attempt,
  type AttemptRequest,
  attempt,
  expectErrorType,
  expectRefused,
  expectValid,
  honestAttempt,
  needSuccess,
  seenSince,
  sharedAttempt,
  type ToAnswer,
} from './validation-attempt.ts';

/** Group 31 of the catalogue, dns-01, and what group 33 says of it. */

const type = 'dns-01';
const common = { rfc: 8555, section: '8.4', group: 31, profile: 'standard' } as const;

/** RFC 8555 section 8.4. */
const validationName = (host: string) => `_acme-challenge.${host}`;
/** Of the length of a right value. */
const wrongValue = 'A'.repeat(43);

/** Sets TXT records at the validation domain name. */
function txt(values: (to: ToAnswer) => readonly string[]): AttemptRequest['answer'] {
  return async (use, to) => {
    use.use(await need(to.responders.dns, type, '--dns or --dns-hook').set(validationName(to.host), 'TXT', values(to)));
  };
}

const rightValue = ({ token, account }: ToAnswer) => dns01Value(token, account);

async function tried(session: AcmeSession, label: string, answer: AttemptRequest['answer']): Promise<Attempt> {
  await needSuccess(session, type);
  return attempt(session, { label, type, answer });
}

const wrongValues = sharedAttempt({
  label: 'dns-01-wrong-values',
  type,
  // The key authorization itself, as a client may have it that forgot the digest, and the digest of another one.
  answer: txt((to) => [to.keyAuthorization, wrongValue]),
});

const nameServerFails = sharedAttempt({
  label: 'dns-01-name-server-fails',
  type,
  async answer(use, { host, responders }) {
    use.use(await ownNameServer(responders).fail(validationName(host), 'SERVFAIL'));
  },
});

export const dns01Checks: readonly CaCheck[] = [
  {
    ...common,
    id: 'dns-01-query',
    level: 'MUST',
    basis: 'statement',
    asserts: 'dns-01 is validated by a TXT record at _acme-challenge below the identifier.',
    async run(session) {
      const made = await honestAttempt(session, type);
      const { host, isValid, outcome } = made;
      const name = validationName(host);
      const dns = need(session.responders.dns, type, '--dns or --dns-hook');
      if (!dns.isOwn) return (isValid ? passed : failed)(`A record made by the hook made it ${outcome}.`);
      const seen = seenSince(dns.queries(name), made);
      if (!isValid && seen.length === 0) {
        throw new UnmetNeed(`no query for ${name} came to the name server here; the authorization became ${outcome}`);
      }
      const right = seen.filter((query) => query.type === 'TXT');
      const message = `${right.length} queries for the TXT records of ${name} came; the authorization became ${outcome}.`;
      return (isValid && right.length > 0 ? passed : failed)(message);
    },
  },
  {
    ...common,
    id: 'dns-01-several-values',
    level: 'MUST',
    basis: 'statement',
    asserts: 'One right value among several TXT records is enough.',
    async run(session) {
      const found = await tried(
        session,
        this.id,
        txt((to) => [wrongValue, rightValue(to), 'another value of somebody else']),
      );
      return expectValid(found, 'The right value among two others');
    },
  },
  {
    ...common,
    id: 'dns-01-alias',
    rfc: 1034,
    section: '3.6.2',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'A CNAME record at the validation domain name is followed, as the DNS has it.',
    async run(session) {
      const dns = ownNameServer(session.responders);
      const target = session.name('dns-01-central');
      const answer: AttemptRequest['answer'] = async (use, to) => {
        use.use(await dns.set(validationName(to.host), 'CNAME', [target]));
        use.use(await dns.set(target, 'TXT', [rightValue(to)]));
      };
      return expectValid(await tried(session, this.id, answer), `A CNAME record that leads to ${target}`);
    },
  },
  {
    ...common,
    id: 'dns-01-wrong-values',
    level: 'MUST',
    basis: 'statement',
    asserts: 'Where no TXT record has the right value, the validation fails.',
    async run(session) {
      await needSuccess(session, type);
      return expectRefused(await wrongValues(session), 'The key authorization without its digest, and another digest,');
    },
  },
  {
    ...common,
    id: 'dns-01-elsewhere',
    level: 'MUST',
    basis: 'statement',
    profile: 'exhaustive',
    asserts: 'A right value at another name than the validation domain name does not validate.',
    async run(session) {
      const dns = ownNameServer(session.responders);
      const answer: AttemptRequest['answer'] = async (use, to) => {
        use.use(await dns.set(to.host, 'TXT', [rightValue(to)]));
      };
      return expectRefused(await tried(session, this.id, answer), 'The right value at the host itself');
    },
  },
  {
    ...common,
    id: 'dns-01-name-error',
    level: 'MUST',
    basis: 'statement',
    profile: 'exhaustive',
    asserts: 'Where the validation domain name does not exist, the validation fails.',
    async run(session) {
      const dns = ownNameServer(session.responders);
      const answer: AttemptRequest['answer'] = async (use, { host }) => {
        use.use(await dns.fail(validationName(host), 'NXDOMAIN'));
      };
      return expectRefused(await tried(session, this.id, answer), 'NXDOMAIN');
    },
  },
  {
    ...common,
    id: 'dns-01-server-failure',
    level: 'MUST',
    basis: 'statement',
    profile: 'exhaustive',
    asserts: 'Where the name server fails, the validation fails.',
    async run(session) {
      await needSuccess(session, type);
      return expectRefused(await nameServerFails(session), 'SERVFAIL');
    },
  },
  {
    ...common,
    id: 'failed-dns-01-says-unauthorized',
    group: 33,
    section: '6.7',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'Wrong TXT records are told by the error unauthorized or incorrectResponse.',
    async run(session) {
      await needSuccess(session, type);
      const types = ['unauthorized', 'incorrectResponse'];
      return expectErrorType(await wrongValues(session), 'TXT records without the right value', types);
    },
  },
  {
    ...common,
    id: 'failed-dns-01-says-dns',
    group: 33,
    section: '6.7',
    level: 'SHOULD',
    basis: 'statement',
    profile: 'exhaustive',
    asserts: 'A query that failed is told by the error dns.',
    async run(session) {
      await needSuccess(session, type);
      return expectErrorType(await nameServerFails(session), 'SERVFAIL', ['dns']);
    },
  },
];
