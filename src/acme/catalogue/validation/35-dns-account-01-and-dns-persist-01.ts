import { createHash } from 'node:crypto';
import { type Attempt, type AttemptRequest, attempt, sharedAttempt, type ToAnswer } from '../../client/attempt.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import { dns01Value, need } from '../../client/present.ts';
import type { DnsResponder } from '../../client/responders.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { accept, decision, refuse } from '../../deviations/decide-otherwise.ts';
import { group } from '../group.ts';
import { expectRefused, expectValid } from './validation-attempt.ts';

const common = { rfc: 8555, section: '8', profile: 'standard', level: 'MAY', basis: 'statement' } as const;

const account01 = 'dns-account-01';

const persist01 = 'dns-persist-01';

const dnsOf = (responders: ToAnswer['responders']): DnsResponder => need(responders.dns, 'DNS', '--dns or --dns-hook');

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** The label of an account: the first 10 bytes of the digest of its URL in base32, which are 16 characters. */
export function accountLabel(accountUrl: string): string {
  const bits = [...createHash('sha256').update(accountUrl).digest().subarray(0, 10)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return `_${(bits.match(/.{5}/g) ?? []).map((five) => base32[Number.parseInt(five, 2)]).join('')}`;
}

function accountTxt(nameOf: (to: ToAnswer) => string, recordOf: (to: ToAnswer) => string): AttemptRequest['answer'] {
  return async (use, to) => void use.use(await dnsOf(to.responders).set(nameOf(to), 'TXT', [recordOf(to)]));
}

const honestAccount = sharedAttempt({
  label: 'dns-account-01-validates',
  type: account01,
  answer: accountTxt(
    ({ host, account }) => `${accountLabel(account.url)}._acme-challenge.${host}`,
    ({ token, account }) => dns01Value(token, account),
  ),
});

/** The issuer names of a challenge. The drafts spell the field in two ways. */
function issuersOf({ challenge }: ToAnswer): readonly string[] {
  const names = challenge.issuerDomainNames ?? challenge['issuer-domain-names'];
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === 'string') : [];
}

/** The accounturi of a record. Newer drafts hash it where the CA advertises a prefix. */
function accountUri({ host, account }: ToAnswer, hashPrefix: unknown): string {
  if (typeof hashPrefix !== 'string') return account.url;
  const input = Buffer.concat([
    Buffer.from([host.length]),
    Buffer.from(`${host}${account.key.thumbprint}${account.url}`),
  ]);
  return `${hashPrefix}sha-256/${createHash('sha256').update(input).digest('base64url')}`;
}

interface PersistRecord {
  readonly issuer: string;
  readonly accountUri: string;
}

/** Sets a persistent record that is right except for a change. */
function persistTxt(
  session: AcmeSession,
  change: (record: PersistRecord) => PersistRecord & { readonly parameters?: string },
): AttemptRequest['answer'] {
  return async (use, to) => {
    const [issuer] = issuersOf(to);
    if (issuer === undefined) throw new UnmetNeed(`the ${persist01} challenge names no issuer domain names`);
    const uri = accountUri(to, (await session.meta()).accountHashPrefix);
    const { parameters = '', ...record } = change({ issuer, accountUri: uri });
    const value = `${record.issuer}; accounturi=${record.accountUri}${parameters}`;
    use.use(await dnsOf(to.responders).set(`_validation-persist.${to.host}`, 'TXT', [value]));
  };
}

const honestPersist = oncePerSession((session) =>
  attempt(session, {
    label: 'dns-persist-01-validates',
    type: persist01,
    answer: persistTxt(session, (record) => record),
  }),
);

function needValid({ isValid, outcome }: Attempt, type: string): void {
  if (!isValid) throw new UnmetNeed(`this CA does not validate ${type} here: an honest answer became ${outcome}`);
}

export const dnsAccount01AndDnsPersist01 = group(35, 'dns-account-01 and dns-persist-01', {
  runs: 'drafts',
  checks: [
    // RFC 8555 section 8: Challenge types are extensible. This one is validated at a label derived from the account
    // URL.
    {
      ...common,
      id: 'dns-account-01-validates',
      feature: 'dns-account-01',
      asserts:
        "The CA validates dns-account-01 by a TXT record below the account's label (draft-ietf-acme-dns-account-label section 3).",
      async run(session) {
        return expectValid(await honestAccount(session), 'The digest at the name with the label of the account');
      },
    },
    // RFC 8555 section 8: The label ties the record to one account.
    {
      ...common,
      id: 'dns-account-01-label-of-another-account',
      feature: 'dns-account-01',
      asserts:
        'The CA does not validate dns-account-01 at the label of another account (draft-ietf-acme-dns-account-label section 3).',
      async run(session) {
        needValid(await honestAccount(session), account01);
        const answer = accountTxt(
          ({ host, account }) => `${accountLabel(`${account.url}-of-somebody-else`)}._acme-challenge.${host}`,
          ({ token, account }) => dns01Value(token, account),
        );
        const found = await attempt(session, { label: this.id, type: account01, answer });
        return expectRefused(found, 'The digest at the name with the label of another account');
      },
    },
    // RFC 8555 section 8: Challenge types are extensible. This one is validated by a lasting record that names issuer
    // and account.
    {
      ...common,
      id: 'dns-persist-01-validates',
      feature: 'dns-persist-01',
      asserts:
        'The CA validates dns-persist-01 by a TXT record at _validation-persist with the issuer and the account (draft-ietf-acme-dns-persist section 4).',
      async run(session) {
        return expectValid(
          await honestPersist(session),
          'A record with the issuer of the challenge and the own account',
        );
      },
    },
    // RFC 8555 section 8: The record is tied to one account.
    {
      ...common,
      id: 'dns-persist-01-of-another-account',
      feature: 'dns-persist-01',
      asserts:
        'The CA does not validate dns-persist-01 by a record of another account (draft-ietf-acme-dns-persist section 4).',
      async run(session) {
        needValid(await honestPersist(session), persist01);
        const answer = persistTxt(session, (record) => ({
          ...record,
          accountUri: `${record.accountUri}-of-somebody-else`,
        }));
        return expectRefused(
          await attempt(session, { label: this.id, type: persist01, answer }),
          'The record of another account',
        );
      },
    },
    // RFC 8555 section 8: The record is tied to one issuer.
    {
      ...common,
      id: 'dns-persist-01-of-another-issuer',
      feature: 'dns-persist-01',
      asserts:
        'The CA does not validate dns-persist-01 by a record for another issuer (draft-ietf-acme-dns-persist section 4).',
      async run(session) {
        needValid(await honestPersist(session), persist01);
        const answer = persistTxt(session, (record) => ({ ...record, issuer: 'another-issuer.example' }));
        return expectRefused(
          await attempt(session, { label: this.id, type: persist01, answer }),
          'A record for another issuer',
        );
      },
    },
    // RFC 8555 section 8: A record with persistUntil ends at that time.
    {
      ...common,
      id: 'dns-persist-01-after-its-end',
      feature: 'dns-persist-01',
      asserts:
        'The CA does not validate dns-persist-01 by a record whose persistUntil has passed (draft-ietf-acme-dns-persist section 4).',
      async run(session) {
        needValid(await honestPersist(session), persist01);
        const answer = persistTxt(session, (record) => ({ ...record, parameters: '; persistUntil=1577836800' }));
        return expectRefused(
          await attempt(session, { label: this.id, type: persist01, answer }),
          'A record that ended in 2020',
        );
      },
    },
  ],
  deviations: [
    decision(refuse, {
      name: 'no-dns-account-01',
      describes: 'dns-account-01 is offered but always fails.',
      rfc: 8555,
      section: '8',
      breaks: 'dns-account-01-validates',
    }),
    decision(accept, {
      name: 'dns-account-01-of-any-account',
      describes: 'dns-account-01 accepts the label of any account.',
      rfc: 8555,
      section: '8',
      breaks: 'dns-account-01-label-of-another-account',
    }),
    decision(refuse, {
      name: 'no-dns-persist-01',
      describes: 'dns-persist-01 is offered but always fails.',
      rfc: 8555,
      section: '8',
      breaks: 'dns-persist-01-validates',
    }),
    decision(accept, {
      name: 'dns-persist-01-of-any-account',
      describes: 'dns-persist-01 accepts the record of any account.',
      rfc: 8555,
      section: '8',
      breaks: 'dns-persist-01-of-another-account',
    }),
    decision(accept, {
      name: 'dns-persist-01-of-any-issuer',
      describes: 'dns-persist-01 accepts a record for any issuer.',
      rfc: 8555,
      section: '8',
      breaks: 'dns-persist-01-of-another-issuer',
    }),
    decision(accept, {
      name: 'dns-persist-01-for-ever',
      describes: 'dns-persist-01 ignores persistUntil.',
      rfc: 8555,
      section: '8',
      breaks: 'dns-persist-01-after-its-end',
    }),
  ],
});
