import { type Authorization, authorizationsOf, challengeOf, decided } from '../client/authorization.ts';
import { createCertificateKey, createCertificateRequest } from '../client/certificate-request.ts';
import { collect, finalize, type Issued, leafOf } from '../client/issuance.ts';
import { oncePerSession } from '../client/once-per-session.ts';
import { type AcmeSession, type Order, UnmetNeed } from '../client/session.ts';
import { dns01Value, hostOf, need } from '../client/solve.ts';
import { type CaCheck, expectThat } from './check.ts';
import { namesOf } from './leaf-names.ts';

/** Group 22 of the catalogue, as far as it needs an issuance: a wildcard and its base domain in one order. */

const common = { rfc: 8555, group: 22, profile: 'standard', level: 'MUST' } as const;

interface WildcardOrder {
  readonly name: string;
  readonly order: Order;
  readonly authorizations: readonly Authorization[];
}

/** An order for a name and its wildcard; once per run. */
const wildcardOrder = oncePerSession(makeWildcardOrder);

async function makeWildcardOrder(session: AcmeSession): Promise<WildcardOrder> {
  const name = session.name('wildcard-and-base');
  const identifiers = [name, `*.${name}`].map((value) => ({ type: 'dns', value }));
  const order = await session.orderOf(await session.account(), { identifiers });
  return { name, order, authorizations: await authorizationsOf(session, order) };
}

/** Both authorizations have their TXT record at the same name (RFC 8555 section 8.4), so both values stand there at once. */
async function issueWildcard(session: AcmeSession): Promise<Issued> {
  const dns = need(session.responders.dns, 'dns-01', '--dns or --dns-hook');
  const { name, order, authorizations } = await wildcardOrder(session);
  const { account } = order;
  const challenges = authorizations.map((one) => challengeOf(one, 'dns-01'));
  const values = challenges.map(({ token }) => dns01Value(token, account));
  await using _ = await dns.set(`_acme-challenge.${name}`, 'TXT', values);
  for (const { url } of challenges) await session.post({ url, by: account, payload: {} });
  for (const { url } of authorizations) {
    const { object } = await decided(session, account, url);
    if (object.status !== 'valid') {
      throw new UnmetNeed(`an authorization of ${name} and its wildcard became ${String(object.status)}`);
    }
    session.rememberValid(account, url);
  }
  const names = [name, `*.${name}`];
  const key = await createCertificateKey();
  const csr = await createCertificateRequest(key, { names });
  return collect(session, { order, names, key, csr, finalized: await finalize(session, order, csr) });
}

export const wildcardChecks: readonly CaCheck[] = [
  {
    ...common,
    id: 'wildcard-and-base-domain',
    section: '7.1.4',
    basis: 'keyword',
    asserts:
      'A wildcard and its base domain in one order have an authorization each, and only that of the wildcard has the field wildcard.',
    async run(session) {
      const { name, authorizations } = await wildcardOrder(session);
      const wildcards = authorizations.map(({ object }) => object.wildcard);
      const said = authorizations.map((one) => `${hostOf(one)} (wildcard ${one.object.wildcard ?? 'absent'})`);
      const right =
        wildcards.length === 2 &&
        wildcards.includes(true) &&
        wildcards.includes(undefined) &&
        authorizations.every((one) => hostOf(one) === name);
      return expectThat(right, `They are ${said.join(' and ')}.`);
    },
  },
  {
    ...common,
    id: 'wildcard-is-issued',
    section: '7.4',
    basis: 'statement',
    asserts: 'A certificate for a name and its wildcard, both validated by dns-01, has both names.',
    async run(session) {
      const issued = await issueWildcard(session);
      const found = namesOf(leafOf(issued));
      const right = found.length === issued.names.length && issued.names.every((one) => found.includes(one));
      return expectThat(right, `The certificate is for ${found.join(', ')}.`);
    },
  },
];
