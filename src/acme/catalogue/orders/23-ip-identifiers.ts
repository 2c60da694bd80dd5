import { isIP } from 'node:net';
import { type Attempt, attempt, honest, needSuccess, seenSince } from '../../client/attempt.ts';
import { type Authorization, authorizationsOf } from '../../client/authorization.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import { need, type SolvableType } from '../../client/present.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { unreachableAddress } from '../../client/unreachable-address.ts';
import type { JsonObject } from '../../deviations/answer-change.ts';
import { changeAuthorizations } from '../../deviations/change-authorizations.ts';
import { ofAddresses, refuse } from '../../deviations/decide-otherwise.ts';
import { expectThat, failed, passed } from '../check.ts';
import { group } from '../group.ts';

const common = { rfc: 8738, profile: 'standard', level: 'MUST', basis: 'keyword' } as const;

/** The address of the probe, from its own name server. Without one, an address for checks that need no validation. */
const addressOf = ({ responders }: AcmeSession) => responders.dns?.addresses[0] ?? unreachableAddress.ipv4;

interface IpAuthorization {
  readonly address: string;
  readonly authorization: Authorization;
}

/** The authorization of an order for an IP address; once per run. @throws UnmetNeed if the CA accepts no such order */
const ipAuthorization = oncePerSession(makeIpAuthorization);

async function makeIpAuthorization(session: AcmeSession): Promise<IpAuthorization> {
  const address = addressOf(session);
  const order = await ipOrder(() =>
    session.account().then((account) => session.orderOf(account, { identifiers: [{ type: 'ip', value: address }] })),
  );
  const [authorization] = await authorizationsOf(session, order);
  if (authorization === undefined) throw new UnmetNeed('the order has no authorization');
  return { address, authorization };
}

/** IP identifiers are an extension, so a CA need not support them. */
async function ipOrder<Made>(make: () => Promise<Made>): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof UnmetNeed) || error.status === null) throw error;
    throw new UnmetNeed(`this CA issues no certificates for IP addresses here: ${error.message}`, {
      status: error.status,
    });
  }
}

/** @throws UnmetNeed if the address of the probe is unknown */
async function ipAttempt(session: AcmeSession, type: SolvableType): Promise<Attempt> {
  const [address] = session.responders.dns?.addresses ?? [];
  if (address === undefined) throw new UnmetNeed('the address of the probe is unknown: give --dns');
  // Where the CA reaches no name of the probe by this type, it reaches no address of it either.
  await needSuccess(session, type);
  const answer = honest(type);
  const made = await ipOrder(() =>
    attempt(session, { label: `ip-${type}`, identifier: { type: 'ip', value: address }, type, answer }),
  );
  if (!made.isValid && made.errorType === 'connection') {
    throw new UnmetNeed(`the CA does not reach ${address} for ${type}: the authorization became ${made.outcome}`);
  }
  // The checks share one address: a CA that reuses authorizations must have none left for the next check.
  if (made.isValid) await session.deactivateAuthorization(made.account, made.authorization.url);
  return made;
}

export const ipIdentifiers = group(23, 'IP identifiers', {
  runs: 'IP identifiers',
  feature: 'ip-identifiers',
  checks: [
    // RFC 8738 section 3: An address is an identifier of type ip, in its text form.
    {
      ...common,
      id: 'ip-identifier',
      section: '3',
      asserts: "An IP address's authorization has an identifier of type ip with the address as text.",
      async run(session) {
        const { address, authorization } = await ipAuthorization(session);
        const { type, value } = (authorization.object.identifier ?? {}) as { readonly type?: unknown; value?: unknown };
        return expectThat(
          type === 'ip' && value === address && isIP(address) > 0,
          `The authorization for ${address} has the identifier ${JSON.stringify({ type, value })}.`,
        );
      },
    },
    // RFC 8738 section 7: An address has no name for a TXT record, so dns-01 cannot validate it.
    {
      ...common,
      id: 'ip-without-dns-01',
      section: '7',
      asserts: 'The CA does not offer dns-01 for an IP address.',
      async run(session) {
        const { authorization } = await ipAuthorization(session);
        const types = authorization.challenges.map(({ type }) => String(type));
        return expectThat(!types.includes('dns-01'), `The CA offered ${types.join(', ') || 'no challenges'}.`);
      },
    },
    // RFC 8738 section 5: The request goes to the address itself, with the address in the Host header.
    {
      ...common,
      id: 'ip-http-01',
      section: '5',
      asserts: 'The CA validates http-01 of an IP address with that address in the Host header.',
      async run(session) {
        const http = need(session.responders.http, 'http-01', '--http-port');
        const { host, token, isValid, outcome } = await ipAttempt(session, 'http-01');
        const seen = http.requests(host).filter(({ path }) => path.endsWith(`/${token}`));
        const message = `The CA sent ${seen.length} requests with Host ${host}; the authorization became ${outcome}.`;
        return (isValid && seen.length > 0 ? passed : failed)(message);
      },
    },
    // RFC 8738 section 6: The SNI is the reverse mapping name of the address, as SNI has no addresses.
    {
      ...common,
      id: 'ip-tls-alpn-01',
      section: '6',
      asserts: 'The CA validates tls-alpn-01 of an IP address with its reverse mapping name as SNI.',
      async run(session) {
        const tls = need(session.responders.tlsAlpn, 'tls-alpn-01', '--tls-port');
        const made = await ipAttempt(session, 'tls-alpn-01');
        const { host, isValid, outcome } = made;
        const names = [...new Set(seenSince(tls.hellos(host), made).map(({ serverName }) => serverName))].join(', ');
        const message = `The CA sent client hellos for ${names || 'no such name'}; the authorization became ${outcome}.`;
        return (isValid && names !== '' ? passed : failed)(message);
      },
    },
  ],
  deviations: [
    {
      name: 'address-as-dns-name',
      describes: 'The authorization of an IP address has an identifier of type dns.',
      rfc: 8738,
      section: '3',
      breaks: ['ip-identifier'],
      apply: changeAuthorizations(
        ({ type }) => type === 'ip',
        (object) => ({ ...object, identifier: { ...(object.identifier as JsonObject), type: 'dns' } }),
      ),
    },
    {
      name: 'dns-01-for-addresses',
      describes: 'dns-01 is offered for an IP address.',
      rfc: 8738,
      section: '7',
      breaks: ['ip-without-dns-01'],
      apply: changeAuthorizations(
        ({ type }) => type === 'ip',
        (object) => {
          const challenges = (object.challenges ?? []) as readonly JsonObject[];
          return { ...object, challenges: [...challenges, { ...challenges[0], type: 'dns-01' }] };
        },
      ),
    },
    {
      name: 'no-http-01-for-addresses',
      describes: 'http-01 of an IP address always fails.',
      rfc: 8738,
      section: '5',
      breaks: ['ip-http-01'],
      apply: refuse(ofAddresses('http-01')),
    },
    {
      name: 'no-tls-alpn-01-for-addresses',
      describes: 'tls-alpn-01 of an IP address always fails.',
      rfc: 8738,
      section: '6',
      breaks: ['ip-tls-alpn-01'],
      apply: refuse(ofAddresses('tls-alpn-01')),
    },
  ],
});
