import { inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { problemType, unreached } from '../../client/attempt.ts';
import { authorizationsOf, readUntil } from '../../client/authorization.ts';
import { createCertificateKey, createCertificateRequest } from '../../client/certificate-request.ts';
import { collect, finalize } from '../../client/issuance.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import type { SolvableType } from '../../client/present.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { solvableType, solve } from '../../client/solve.ts';
import { watchDelay } from '../../client/watch-delay.ts';
import { accept, decision, refuse, tellAsMalformed, type WhichDecision } from '../../deviations/decide-otherwise.ts';
import { type CheckFinding, failed, passed } from '../check.ts';
import { group } from '../group.ts';
import { ownNameServer } from './own-name-server.ts';

const common = { rfc: 8659, profile: 'exhaustive', level: 'MUST', basis: 'keyword' } as const;

/**
 * A CA may leave out RFC 8657. Its MUSTs are of those that have it, and from outside nothing says which CA does: a CA that
 * refuses every record with parameters, or knows none, breaks no MUST.
 */
const parameters = { rfc: 8657, level: 'SHOULD', basis: 'statement' } as const;

interface CaaRequest {
  /** Makes the name; unique in the catalogue. */
  readonly label: string;
  /** The CAA records, in presentation form. */
  readonly records: (to: {
    readonly identity: string;
    readonly account: string;
    readonly type: string;
  }) => readonly string[];
  /** The name of the records. Default: the ordered name. */
  readonly at?: (name: string) => string;
  /** The ordered name. Default: the name of the label. */
  readonly ordered?: (name: string) => string;
  /** A name of the same order that has no CAA records of its own. */
  readonly beside?: (name: string) => string;
  /** Default: the first type that the CA offers and that can be answered. */
  readonly type?: SolvableType;
}

/** The outcome of an order under CAA records. */
interface CaaOutcome {
  readonly records: readonly string[];
  readonly isIssued: boolean;
  /** The error type of the refusal. */
  readonly errorType: string | null;
  /** In a few words. */
  readonly outcome: string;
  /** Whether the CA queried CAA records of the name. */
  readonly isAsked: boolean;
}

/** The CA's own name in CAA records (RFC 8555 section 9.7.6). @throws UnmetNeed if the directory has none */
async function identityOf(session: AcmeSession): Promise<string> {
  const { caaIdentities } = await session.meta();
  const [identity]: readonly unknown[] = Array.isArray(caaIdentities) ? caaIdentities : [];
  if (typeof identity === 'string') return identity;
  throw new UnmetNeed('the directory names no caaIdentities, so nothing says that this CA checks CAA records');
}

/** Orders a certificate under CAA records. A CA may check them at the validation or at the issuance. */
async function orderUnder(session: AcmeSession, request: CaaRequest): Promise<CaaOutcome> {
  const identity = await identityOf(session);
  const { responders } = session;
  const dns = ownNameServer(responders);
  const account = await session.account();
  const host = session.name(request.label);
  const name = request.ordered?.(host) ?? host;
  const names = request.beside === undefined ? [name] : [request.beside(host), name];
  const order = await session.orderOf(account, { identifiers: names.map((value) => ({ type: 'dns', value })) });
  const [authorization, ...others] = await authorizationsOf(session, order);
  if (authorization === undefined) throw new UnmetNeed('the order has no authorization');
  const type = request.type ?? (await solvableType(session, authorization));
  const records = request.records({ identity, account: account.url, type });
  await using _ = await dns.set(request.at?.(host) ?? host, 'CAA', records);
  const since = new Date();
  const isAsked = () => dns.queries(host).some(({ at, type: asked }) => at >= since && asked === 'CAA');
  const refused = (errorType: string | null, outcome: string): CaaOutcome => ({
    ...{ records, errorType, outcome },
    isIssued: false,
    isAsked: isAsked(),
  });
  using delay = watchDelay();
  for (const one of [authorization, ...others]) {
    const after = await solve(session, account, one, type);
    if (after.object.status !== 'valid') {
      const error = after.challenges.find((challenge) => challenge.error !== undefined)?.error;
      if (unreached.has(problemType(error)) || delay.isLate()) {
        throw new UnmetNeed(`the validation failed, which is not about CAA: ${JSON.stringify(error)}`);
      }
      return refused(problemType(error), `refused at the validation: ${JSON.stringify(error ?? null)}`);
    }
  }
  const key = await createCertificateKey();
  const csr = await createCertificateRequest(key, { names });
  const finalized = await finalize(session, order, csr);
  if (!succeeded(finalized)) {
    return refused(problemType(jsonObject(finalized)), `refused at finalize: ${inWords(finalized)}`);
  }
  const what = 'the end of the order';
  const isEnd = (_: unknown, { status }: Readonly<Record<string, unknown>>) =>
    status === 'valid' || status === 'invalid';
  const { status, error } = jsonObject(await readUntil(session, { account, url: order.url, what }, isEnd)) ?? {};
  if (status !== 'valid')
    return refused(problemType(error), `refused after finalize: ${JSON.stringify(error ?? null)}`);
  // Downloads the certificate, so that the clean-up revokes it.
  await collect(session, { order, names, key, csr, finalized });
  return { records, isIssued: true, errorType: null, outcome: 'issued', isAsked: isAsked() };
}

function shared(request: CaaRequest): (session: AcmeSession) => Promise<CaaOutcome> {
  return oncePerSession((session) => orderUnder(session, request));
}

const permitted = shared({ label: 'caa-permits', records: ({ identity }) => [`0 issue "${identity}"`] });

const forbidden = shared({ label: 'caa-forbids', records: () => ['0 issue ";"'] });

function inWordsOf({ records, outcome }: CaaOutcome): string {
  return `Under the CAA records ${records.join(', ')} the order was ${outcome}.`;
}

/** @throws UnmetNeed if the CA does not issue even with permission: then a refusal says nothing */
async function expectRefused(session: AcmeSession, request: CaaRequest): Promise<CheckFinding> {
  const may = await permitted(session);
  if (!may.isIssued) throw new UnmetNeed(`this CA does not issue even if CAA permits it: ${may.outcome}`);
  const found = await orderUnder(session, request);
  return (found.isIssued ? failed : passed)(inWordsOf(found));
}

/** As {@link expectRefused}, for records that permit the issuance. */
async function expectIssued(session: AcmeSession, request: CaaRequest): Promise<CheckFinding> {
  const may = await permitted(session);
  if (!may.isIssued) throw new UnmetNeed(`this CA does not issue even if CAA permits it: ${may.outcome}`);
  const found = await orderUnder(session, request);
  return (found.isIssued ? passed : failed)(inWordsOf(found));
}

/** A name that cannot belong to a CA (RFC 2606 section 2). */
const anotherIssuer = 'another-issuer.example';

/** Refuses as a CA does whose CAA check forbids the issuance. */
const refuseByCaa = (which: WhichDecision) => refuse(which, 'caa');

export const caa = group(34, 'CAA', {
  runs: 'CAA',
  feature: 'caa',
  checks: [
    // RFC 8659 section 4.2: A CAA record with the issuer's name permits the issuance.
    {
      ...common,
      id: 'caa-permits',
      section: '4.2',
      basis: 'statement',
      profile: 'standard',
      asserts: 'The CA issues if a CAA record names one of its caaIdentities.',
      async run(session) {
        const found = await permitted(session);
        return (found.isIssued ? passed : failed)(
          `${inWordsOf(found)} The name server was ${found.isAsked ? '' : 'not '}asked for CAA records.`,
        );
      },
    },
    // RFC 8659 section 3: An issuer name that is empty permits nobody.
    {
      ...common,
      id: 'caa-forbids',
      section: '3',
      profile: 'standard',
      asserts: 'The CA does not issue if a CAA record permits no CA at all.',
      async run(session) {
        const may = await permitted(session);
        if (!may.isIssued) throw new UnmetNeed(`this CA does not issue even if CAA permits it: ${may.outcome}`);
        const found = await forbidden(session);
        const asked = `The name server was ${found.isAsked ? '' : 'not '}asked for CAA records.`;
        return (found.isIssued ? failed : passed)(`${inWordsOf(found)} ${asked}`);
      },
    },
    // RFC 8659 section 3: CAA records that name others forbid the issuance.
    {
      ...common,
      id: 'caa-of-another-issuer',
      section: '3',
      asserts: 'The CA does not issue if CAA records name only another CA.',
      run(session) {
        return expectRefused(session, { label: this.id, records: () => [`0 issue "${anotherIssuer}"`] });
      },
    },
    // RFC 8659 section 3: A CA climbs the tree to the nearest name that has CAA records.
    {
      ...common,
      id: 'caa-of-the-parent',
      section: '3',
      basis: 'statement',
      asserts: 'If a name has no CAA records, those of its parent apply.',
      run(session) {
        const ordered = (name: string) => `below.${name}`;
        return expectRefused(session, { label: this.id, ordered, records: () => ['0 issue ";"'] });
      },
    },
    // RFC 8659 section 4.3: For a wildcard, issuewild takes precedence over issue.
    {
      ...common,
      id: 'caa-wildcard',
      section: '4.3',
      asserts: 'For a wildcard name, the property issuewild applies instead of issue.',
      run(session) {
        return expectRefused(session, {
          label: this.id,
          ordered: (name) => `*.${name}`,
          records: ({ identity }) => [`0 issue "${identity}"`, '0 issuewild ";"'],
          type: 'dns-01',
        });
      },
    },
    // RFC 8659 section 4.1: A CA must understand every critical property.
    {
      ...common,
      id: 'caa-critical-property',
      section: '4.1',
      asserts: 'The CA does not issue if it does not know the tag of a critical CAA property.',
      run(session) {
        const records: CaaRequest['records'] = ({ identity }) => [`0 issue "${identity}"`, '128 padlocktest "unknown"'];
        return expectRefused(session, { label: this.id, records });
      },
    },
    // RFC 8659 section 3: Every name of a request must be permitted.
    {
      ...common,
      id: 'caa-of-one-of-two-names',
      section: '3',
      asserts: 'The CA does not issue for two names if the CAA records of one of them permit no CA.',
      run(session) {
        const beside = (name: string) => `beside.${name}`;
        const at = (name: string) => `forbidden.${name}`;
        return expectRefused(session, { label: this.id, beside, ordered: at, at, records: () => ['0 issue ";"'] });
      },
    },
    // RFC 8659 section 4.1: Tags are compared without regard to case.
    {
      ...common,
      id: 'caa-tag-in-capitals',
      section: '4.1',
      basis: 'statement',
      asserts: 'The CA knows the tag of a CAA record also in capitals.',
      run(session) {
        return expectRefused(session, { label: this.id, records: () => ['0 ISSUE ";"'] });
      },
    },
    // RFC 8659 section 4.2: An issue value that does not match the grammar permits nobody.
    {
      ...common,
      id: 'caa-malformed-issue',
      section: '4.2',
      asserts: 'The CA does not issue if the value of the only issue property is malformed.',
      run(session) {
        return expectRefused(session, { label: this.id, records: () => ['0 issue "%%%%%"'] });
      },
    },
    // RFC 8659 section 4.3: issuewild is ignored for a name that is no wildcard.
    {
      ...common,
      id: 'caa-issuewild-for-other-names',
      section: '4.3',
      asserts: 'The CA ignores the property issuewild for a name that is no wildcard.',
      run(session) {
        return expectIssued(session, { label: this.id, records: () => ['0 issuewild ";"'] });
      },
    },
    // RFC 8657 section 3: accounturi limits the permission to one account.
    {
      ...common,
      ...parameters,
      id: 'caa-account-uri',
      section: '3',
      asserts: 'A CAA record with the accounturi of another account does not permit the issuance.',
      run(session) {
        const records: CaaRequest['records'] = ({ identity, account }) => [
          `0 issue "${identity}; accounturi=${account}-of-somebody-else"`,
        ];
        return expectRefused(session, { label: this.id, records });
      },
    },
    // RFC 8657 section 3: A property with more than one accounturi permits nobody.
    {
      ...common,
      ...parameters,
      id: 'caa-two-account-uris',
      section: '3',
      asserts: 'A CAA record with two accounturi does not permit the issuance.',
      run(session) {
        const records: CaaRequest['records'] = ({ identity, account }) => [
          `0 issue "${identity}; accounturi=${account}; accounturi=${account}-of-somebody-else"`,
        ];
        return expectRefused(session, { label: this.id, records });
      },
    },
    // RFC 8657 section 4: Only a method that validationmethods lists is permitted, so that an empty list permits none.
    {
      ...common,
      ...parameters,
      id: 'caa-empty-validation-methods',
      section: '4',
      asserts: 'A CAA record with an empty validationmethods does not permit the issuance.',
      run(session) {
        const records: CaaRequest['records'] = ({ identity }) => [`0 issue "${identity}; validationmethods="`];
        return expectRefused(session, { label: this.id, records });
      },
    },
    // RFC 8657 section 4: validationmethods limits the permission to some methods.
    {
      ...common,
      ...parameters,
      id: 'caa-validation-methods',
      section: '4',
      asserts: 'A CAA record without the method used in its validationmethods does not permit the issuance.',
      run(session) {
        const records: CaaRequest['records'] = ({ identity, type }) => [
          `0 issue "${identity}; validationmethods=${type === 'dns-01' ? 'http-01' : 'dns-01'}"`,
        ];
        return expectRefused(session, { label: this.id, records });
      },
    },
    // RFC 8657 section 3: A record whose parameters match permits the issuance.
    {
      ...common,
      ...parameters,
      id: 'caa-own-account-and-method',
      section: '3',
      asserts: "A CAA record with this account's accounturi and the method used permits the issuance.",
      async run(session) {
        const records: CaaRequest['records'] = ({ identity, account, type }) => [
          `0 issue "${identity}; accounturi=${account}; validationmethods=${type}"`,
        ];
        const found = await orderUnder(session, { label: this.id, records });
        return (found.isIssued ? passed : failed)(inWordsOf(found));
      },
    },
    // RFC 8555 section 6.7: The type caa is for issuances that CAA records forbid.
    {
      ...common,
      id: 'refused-by-caa-says-caa',
      rfc: 8555,
      section: '6.7',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The error for an issuance that CAA records forbid is caa.',
      async run(session) {
        const found = await forbidden(session);
        if (found.isIssued) throw new UnmetNeed('this CA issued what CAA records forbid');
        return (found.errorType === 'caa' ? passed : failed)(inWordsOf(found));
      },
    },
  ],
  deviations: [
    decision(refuseByCaa, {
      name: 'own-name-unknown-in-caa',
      describes: 'The CA does not recognize its own name in CAA records.',
      rfc: 8659,
      section: '4.2',
      breaks: 'caa-permits',
    }),
    decision(accept, {
      name: 'caa-ignored',
      describes: 'The CA issues though CAA records permit nobody.',
      rfc: 8659,
      section: '3',
      breaks: 'caa-forbids',
    }),
    decision(accept, {
      name: 'any-issuer-in-caa',
      describes: 'Any name in a CAA record permits the CA.',
      rfc: 8659,
      section: '3',
      breaks: 'caa-of-another-issuer',
    }),
    decision(accept, {
      name: 'no-climb-for-caa',
      describes: 'The CA does not look up CAA records of parent names.',
      rfc: 8659,
      section: '3',
      breaks: 'caa-of-the-parent',
      label: 'below.caa-of-the-parent',
    }),
    decision(accept, {
      name: 'issuewild-ignored',
      describes: 'The CA ignores the property issuewild.',
      rfc: 8659,
      section: '4.3',
      breaks: 'caa-wildcard',
    }),
    decision(accept, {
      name: 'critical-property-ignored',
      describes: 'The CA issues despite an unknown critical property.',
      rfc: 8659,
      section: '4.1',
      breaks: 'caa-critical-property',
    }),
    decision(accept, {
      name: 'accounturi-ignored',
      describes: 'The CA ignores accounturi.',
      rfc: 8657,
      section: '3',
      breaks: 'caa-account-uri',
    }),
    decision(accept, {
      name: 'validationmethods-ignored',
      describes: 'The CA ignores validationmethods.',
      rfc: 8657,
      section: '4',
      breaks: 'caa-validation-methods',
    }),
    decision(accept, {
      name: 'caa-of-the-first-name-only',
      describes: 'The CA looks at the CAA records of the first name of an order only.',
      rfc: 8659,
      section: '3',
      breaks: 'caa-of-one-of-two-names',
      label: 'forbidden.caa-of-one-of-two-names',
    }),
    decision(accept, {
      name: 'caa-tag-in-capitals-unknown',
      describes: 'The CA does not know the tag of a CAA record in capitals.',
      rfc: 8659,
      section: '4.1',
      breaks: 'caa-tag-in-capitals',
    }),
    decision(accept, {
      name: 'malformed-issue-ignored',
      describes: 'The CA ignores a malformed issue property.',
      rfc: 8659,
      section: '4.2',
      breaks: 'caa-malformed-issue',
    }),
    decision(refuseByCaa, {
      name: 'issuewild-for-every-name',
      describes: 'The CA applies issuewild to every name.',
      rfc: 8659,
      section: '4.3',
      breaks: 'caa-issuewild-for-other-names',
    }),
    decision(accept, {
      name: 'first-accounturi-only',
      describes: 'The CA looks at the first of two accounturi.',
      rfc: 8657,
      section: '3',
      breaks: 'caa-two-account-uris',
    }),
    decision(accept, {
      name: 'empty-validationmethods-ignored',
      describes: 'The CA takes an empty validationmethods for none.',
      rfc: 8657,
      section: '4',
      breaks: 'caa-empty-validation-methods',
    }),
    decision(refuseByCaa, {
      name: 'parameters-refused',
      describes: 'The CA refuses if a CAA record has parameters.',
      rfc: 8657,
      section: '3',
      breaks: 'caa-own-account-and-method',
    }),
    decision(tellAsMalformed, {
      name: 'caa-called-malformed',
      describes: 'The error for an issuance that CAA records forbid is malformed.',
      rfc: 8555,
      section: '6.7',
      breaks: 'refused-by-caa-says-caa',
      label: 'caa-forbids',
    }),
  ],
});
