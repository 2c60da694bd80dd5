import { inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { type Authorization, readAuthorization } from '../../client/authorization.ts';
import { sharedIssuance } from '../../client/issuance.ts';
import { hostOf } from '../../client/present.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { withFields } from '../../deviations/answer-change.ts';
import { authorizeInstead, isBelow } from '../../deviations/authorize-ancestor.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectRefusal, expectThat, skipped } from '../check.ts';
import { group } from '../group.ts';

const common = { rfc: 9444, profile: 'standard', level: 'MUST' } as const;

/** @throws UnmetNeed if the CA does not say that it authorizes domains for their subdomains (section 4.4) */
async function needAdvertised(session: AcmeSession): Promise<void> {
  const { subdomainAuthAllowed } = await session.meta();
  if (subdomainAuthAllowed === true) return;
  throw new UnmetNeed('the CA does not advertise that it authorizes domains for their subdomains');
}

/** The authorization of an order for a name whose parent the client says to control. */
async function authorizedBelow(session: AcmeSession, label: string) {
  await needAdvertised(session);
  const ancestorDomain = session.notOrderedName(`of.${label}`);
  const value = `name.${ancestorDomain}`;
  const account = await session.account();
  const identifiers = [{ type: 'dns', value, ancestorDomain }];
  const order = await session.orderOf(account, { identifiers });
  const authorization = await readAuthorization(session, account, session.authorizationOf(order));
  return { value, ancestorDomain, authorization };
}

function describe(authorization: Authorization): string {
  const { subdomainAuthAllowed = null } = authorization.object;
  return `the authorization is for ${hostOf(authorization)}, with subdomainAuthAllowed ${JSON.stringify(subdomainAuthAllowed)}`;
}

const underSubdomain = 'below-authorized';

export const subdomains = group(47, 'Subdomains', {
  runs: 'identifiers',
  feature: 'subdomain-authorization',
  missing: 'Whether a valid authorization for subdomains makes the order of one ready: no CA at hand offers that.',
  checks: [
    // RFC 9444 section 4.3: The server may choose any ancestor of the name up to the given one, and none above it.
    {
      ...common,
      id: 'authorization-up-to-the-ancestor',
      section: '4.3',
      basis: 'statement',
      asserts: 'An order with an ancestorDomain needs an authorization of the name or of an ancestor up to that one.',
      async run(session) {
        const { value, ancestorDomain, authorization } = await authorizedBelow(session, 'ancestor-given');
        const isWithin = [value, ancestorDomain].includes(hostOf(authorization));
        return expectThat(
          isWithin,
          `For ${value} with the ancestorDomain ${ancestorDomain}, ${describe(authorization)}.`,
        );
      },
    },
    // RFC 9444 section 4.1: The field is there and true where certificates for subdomains may be issued by it.
    {
      ...common,
      id: 'ancestor-authorization-says-so',
      section: '4.1',
      basis: 'keyword',
      asserts: 'The authorization of an ancestor for the order of a subdomain has subdomainAuthAllowed true.',
      async run(session) {
        const { value, authorization } = await authorizedBelow(session, 'ancestor-flag');
        if (hostOf(authorization) === value) return skipped('the CA authorizes the name itself');
        const { subdomainAuthAllowed } = authorization.object;
        return expectThat(subdomainAuthAllowed === true, `For ${value}, ${describe(authorization)}.`);
      },
    },
    // RFC 9444 section 4.3: The field names an ancestor of the name. Control over any other domain proves nothing.
    {
      ...common,
      id: 'foreign-ancestor-domain',
      section: '4.3',
      basis: 'statement',
      asserts: 'An ancestorDomain that is no ancestor of the name is refused or ignored.',
      async run(session) {
        await needAdvertised(session);
        const value = session.notOrderedName('name.ancestor-foreign');
        const ancestorDomain = session.notOrderedName('elsewhere');
        const account = await session.account();
        const identifiers = [{ type: 'dns', value, ancestorDomain }];
        const answer = await session.newOrder(account, { identifiers });
        if (!succeeded(answer)) return expectRefusal(answer);
        const { authorizations } = jsonObject(answer) ?? {};
        const [url] = Array.isArray(authorizations) ? authorizations : [];
        if (typeof url !== 'string') return skipped(`the order names no authorization: ${inWords(answer)}`);
        const authorization = await readAuthorization(session, account, url);
        const host = hostOf(authorization);
        const isOwn = host === value || isBelow(value, host);
        return expectThat(isOwn, `For ${value} with the ancestorDomain ${ancestorDomain}, ${describe(authorization)}.`);
      },
    },
    // RFC 9444 section 4.1: Without the field, the authorization is for its own name alone.
    {
      ...common,
      id: 'authorization-serves-its-name-alone',
      section: '4.1',
      basis: 'keyword',
      asserts: 'An authorization without subdomainAuthAllowed is not used for an order of a subdomain.',
      async run(session) {
        await needAdvertised(session);
        const { names, order: before } = await sharedIssuance(session);
        const [name = ''] = names;
        const value = `${underSubdomain}.${name}`;
        const order = await session.orderOf(before.account, { identifiers: [{ type: 'dns', value }] });
        const authorization = await readAuthorization(session, before.account, session.authorizationOf(order));
        const isParents = hostOf(authorization) === name;
        const isAllowed = authorization.object.subdomainAuthAllowed === true;
        return expectThat(!isParents || isAllowed, `For ${value} after ${name}, ${describe(authorization)}.`);
      },
    },
  ],
  deviations: [
    {
      name: 'authorization-above-the-ancestor',
      describes: 'An order with an ancestorDomain needs an authorization of the domain above that one.',
      rfc: 9444,
      section: '4.3',
      breaks: ['authorization-up-to-the-ancestor'],
      apply: authorizeInstead(({ value, ancestorDomain }) =>
        isBelow(value, ancestorDomain) ? ancestorDomain.replace(/^[^.]+\./, '') : null,
      ),
    },
    {
      name: 'ancestor-authorization-without-flag',
      describes: 'The authorization of an ancestor does not say that it is for subdomains.',
      rfc: 9444,
      section: '4.1',
      breaks: ['ancestor-authorization-says-so'],
      apply: authorizeInstead(({ value, ancestorDomain }) => (isBelow(value, ancestorDomain) ? ancestorDomain : null), {
        subdomainAuthAllowed: undefined,
      }),
    },
    {
      name: 'foreign-ancestor-is-authorized',
      describes: 'An order needs an authorization of its ancestorDomain, whatever that is.',
      rfc: 9444,
      section: '4.3',
      breaks: ['foreign-ancestor-domain'],
      apply: authorizeInstead(({ ancestorDomain }) => ancestorDomain),
    },
    {
      name: 'authorization-serves-subdomains',
      describes: 'A valid authorization is used for the order of a subdomain, and does not say so.',
      rfc: 9444,
      section: '4.1',
      breaks: ['authorization-serves-its-name-alone'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        const [url, status] = [request.url, jsonObject(answer)?.status];
        if (conversation.isFor(request, 'authorization') && status === 'valid') {
          const { value } = (jsonObject(answer)?.identifier ?? {}) as { readonly value?: string };
          conversation.memory.set(`valid: ${value}`, url);
        }
        if (!conversation.isFor(request, 'newOrder') || !succeeded(answer)) return answer;
        const { identifiers } = readSigned(request)?.fields ?? {};
        const [{ value = '' } = {}] = identifiers as readonly { readonly value?: string }[];
        const parent = conversation.memory.get(`valid: ${value.replace(`${underSubdomain}.`, '')}`);
        return value.startsWith(`${underSubdomain}.`) && parent !== undefined
          ? withFields(answer, { authorizations: [parent], status: 'ready' })
          : answer;
      },
    },
  ],
});
