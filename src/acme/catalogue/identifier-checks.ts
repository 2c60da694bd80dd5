import { errorType, inWords, jsonObject, succeeded } from '../client/answer.ts';
import { type AcmeSession, UnmetNeed } from '../client/session.ts';
import type { HttpAnswer } from '../client/transport.ts';
import { type CaCheck, expectThat, type Finding, failed, passed, skipped } from './check.ts';

/** Group 21 of the catalogue: what names an order may have. */

const standard = { rfc: 8555, group: 21, profile: 'standard' } as const;

/** An A-label for "bücher" (RFC 5890 section 2.3.2.1). */
const aLabel = 'xn--bcher-kva';
/** It begins as an A-label does; what follows is no Punycode, as its number is too large (RFC 3492 section 6.4). */
const brokenALabel = 'xn--99999999';
/** RFC 2606 section 3: no CA that others trust issues for it. */
const forbiddenName = 'example.com';

/** @throws UnmetNeed where the CA takes no order at all: then a refusal proves nothing */
async function orderFor(session: AcmeSession, values: readonly string[]): Promise<HttpAnswer> {
  const { account } = await session.order();
  return session.newOrder(account, { identifiers: values.map((value) => ({ type: 'dns', value })) });
}

/** The identifiers of an order that was taken, as they are shown. */
function valuesOf(answer: HttpAnswer): readonly string[] {
  const { identifiers } = jsonObject(answer) ?? {};
  return Array.isArray(identifiers) ? identifiers.map(({ value }: { value?: unknown }) => String(value)) : [];
}

function authorizationsOf(answer: HttpAnswer): number {
  const { authorizations } = jsonObject(answer) ?? {};
  return Array.isArray(authorizations) ? authorizations.length : 0;
}

/** What the CA cannot issue for must be refused, not taken and not broken down over. */
function refused(answer: HttpAnswer): Finding {
  if (succeeded(answer)) return failed(`The CA took it, as ${valuesOf(answer).join(', ')}.`);
  return expectThat(answer.status < 500, `It was answered ${inWords(answer)}.`);
}

export const identifierChecks: readonly CaCheck[] = [
  {
    ...standard,
    id: 'several-names',
    section: '7.4',
    level: 'MUST',
    basis: 'statement',
    asserts: 'An order for three names has all three, with an authorization for each.',
    async run(session) {
      const names = ['several-1', 'several-2', 'several-3'].map((label) => session.name(label));
      const answer = await orderFor(session, names);
      if (!succeeded(answer)) return failed(`It was answered ${inWords(answer)}.`);
      const values = valuesOf(answer).map((value) => value.toLowerCase());
      const right = values.toSorted().join() === names.toSorted().join() && authorizationsOf(answer) === names.length;
      return expectThat(right, `It has ${values.join(', ')} and ${authorizationsOf(answer)} authorizations.`);
    },
  },
  {
    ...standard,
    id: 'duplicate-name',
    section: '7.4',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'An order that has a name twice is refused, or has one authorization for it.',
    async run(session) {
      const name = session.name('duplicate');
      const answer = await orderFor(session, [name, name]);
      if (!succeeded(answer)) return expectThat(answer.status < 500, `It was answered ${inWords(answer)}.`);
      const count = authorizationsOf(answer);
      return expectThat(count === 1, `It was taken, with ${count} authorizations.`);
    },
  },
  {
    ...standard,
    id: 'mixed-case-name',
    rfc: 5280,
    section: '7.2',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'A name with capitals is refused, or taken for the same name without.',
    async run(session) {
      const name = session.name('mixed-case');
      const answer = await orderFor(session, [session.name('Mixed-CASE')]);
      if (!succeeded(answer)) return expectThat(answer.status < 500, `It was answered ${inWords(answer)}.`);
      const values = valuesOf(answer);
      return expectThat(values.join().toLowerCase() === name, `It was taken, as ${values.join(', ')}.`);
    },
  },
  {
    ...standard,
    id: 'internationalized-name',
    section: '7.1.4',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'An internationalized name, with an A-label, is taken as it is.',
    async run(session) {
      const name = session.name(aLabel);
      const answer = await orderFor(session, [name]);
      if (!succeeded(answer)) return failed(`It was answered ${inWords(answer)}.`);
      const values = valuesOf(answer);
      return expectThat(values.join().toLowerCase() === name, `It was taken, as ${values.join(', ')}.`);
    },
  },
  {
    ...standard,
    id: 'broken-a-label',
    section: '7.1.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: `A name with a label that only looks like an A-label (${brokenALabel}) is refused.`,
    run: async (session) => refused(await orderFor(session, [session.name(brokenALabel)])),
  },
  {
    ...standard,
    id: 'trailing-dot',
    section: '7.1.4',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'A name with a final dot, which no certificate has, is refused or taken without the dot.',
    async run(session) {
      const answer = await orderFor(session, [`${session.name('dot')}.`]);
      if (!succeeded(answer)) return expectThat(answer.status < 500, `It was answered ${inWords(answer)}.`);
      const values = valuesOf(answer);
      return expectThat(!values.join().endsWith('.'), `It was taken, as ${values.join(', ')}.`);
    },
  },
  {
    ...standard,
    id: 'empty-name',
    section: '7.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'An order for an empty name is refused: it cannot be fulfilled.',
    run: async (session) => refused(await orderFor(session, [''])),
  },
  {
    ...standard,
    id: 'no-names',
    section: '7.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'An order without a name is refused: it cannot be fulfilled.',
    run: async (session) => refused(await orderFor(session, [])),
  },
  {
    ...standard,
    id: 'forbidden-name-is-told',
    section: '6.7.1',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'Where one name of two is against the policy, the problem document says which.',
    async run(session) {
      const answer = await orderFor(session, [session.name('allowed'), forbiddenName]);
      if (succeeded(answer)) return skipped(`the CA takes orders for ${forbiddenName}`);
      const type = errorType(answer);
      if (type !== 'rejectedIdentifier') {
        throw new UnmetNeed(`it was refused, but not as rejectedIdentifier: ${inWords(answer)}`);
      }
      const { subproblems, detail } = jsonObject(answer) ?? {};
      const inSubproblem = JSON.stringify(subproblems ?? null).includes(forbiddenName);
      if (inSubproblem) return passed(`A subproblem names ${forbiddenName}.`);
      return failed(`No subproblem names ${forbiddenName}; the detail is ${JSON.stringify(detail ?? null)}.`);
    },
  },
];
