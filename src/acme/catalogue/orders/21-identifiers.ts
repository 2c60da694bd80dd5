import { domainToUnicode } from 'node:url';
import { errorType, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { withJson } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { acceptOrder, askedNames, type Identifier, refuseOrder } from '../../deviations/change-new-order.ts';
import { type CheckFinding, expectThat, failed, passed, skipped, standard, warned } from '../check.ts';
import { group } from '../group.ts';

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
function refused(answer: HttpAnswer): CheckFinding {
  if (succeeded(answer)) return failed(`The CA took it, as ${valuesOf(answer).join(', ')}.`);
  return expectThat(answer.status < 500, `It was answered ${inWords(answer)}.`);
}

const isALabel = (label: string) => label.startsWith('xn--');

/** RFC 5891 section 5.4: it cannot be decoded, so it stays as it is. */
const isBrokenALabel = (label: string) => isALabel(label) && domainToUnicode(label) === label;

export const identifiers = group(21, 'Identifiers', {
  runs: 'identifiers',
  checks: [
    {
      ...standard,
      id: 'unknown-identifier-type',
      runs: 'orders',
      section: '7.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'An order with an unknown type of identifier is refused.',
      async run(session) {
        // A CA that takes no order at all proves nothing by refusing this one.
        await session.order();
        const identifiers = [{ type: 'padlock-unknown', value: session.name('unknown') }];
        const answer = await session.newOrder(await session.account(), { identifiers });
        if (succeeded(answer)) return failed(`The CA took it: ${answer.status}.`);
        if (answer.status >= 500) return failed(`The CA answered ${inWords(answer)}.`);
        if (errorType(answer) !== 'unsupportedIdentifier') {
          return warned(`It was refused, but not as unsupportedIdentifier: ${inWords(answer)}.`);
        }
        return expectThat(true, `It was answered ${inWords(answer)}.`);
      },
    },
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
  ],
  deviations: [
    {
      name: 'two-authorizations-at-most',
      describes: 'An order for more than two names has two authorizations.',
      rfc: 8555,
      section: '7.4',
      breaks: ['several-names'],
      apply: changeAnswers(['newOrder'], (answer) =>
        withJson(answer, (order) => ({
          ...order,
          authorizations: ((order.authorizations ?? []) as readonly string[]).slice(0, 2),
        })),
      ),
    },
    {
      name: 'authorization-for-each-duplicate',
      describes: 'An order that has a name twice has two authorizations for it.',
      rfc: 8555,
      section: '7.4',
      breaks: ['duplicate-name'],
      apply: changeAnswers(['newOrder'], (answer, request, conversation) => {
        const names = askedNames(request, conversation) ?? [];
        if (new Set(names).size === names.length) return answer;
        return withJson(answer, (order) => ({
          ...order,
          authorizations: names.flatMap(() => ((order.authorizations ?? []) as readonly string[]).slice(0, 1)),
        }));
      }),
    },
    {
      name: 'capitals-answered-500',
      describes: 'An order for a name with capitals is answered 500.',
      rfc: 5280,
      section: '7.2',
      breaks: ['mixed-case-name'],
      apply: refuseOrder((names) => names.some((name) => /[A-Z]/.test(name)), [500, 'serverInternal']),
    },
    {
      name: 'internationalized-names-refused',
      describes: 'An order for an internationalized name is refused.',
      rfc: 8555,
      section: '7.1.4',
      breaks: ['internationalized-name'],
      apply: refuseOrder((names) => names.some((name) => name.split('.').some(isALabel)), [403, 'rejectedIdentifier']),
    },
    {
      name: 'broken-a-label-taken',
      describes: 'An order for a label that only looks like an A-label is taken.',
      rfc: 8555,
      section: '7.1.4',
      breaks: ['broken-a-label'],
      apply: acceptOrder((names) => names.some((name) => name.split('.').some(isBrokenALabel))),
    },
    {
      name: 'trailing-dot-taken',
      describes: 'An order for a name with a final dot is taken as it is.',
      rfc: 8555,
      section: '7.1.4',
      breaks: ['trailing-dot'],
      apply: acceptOrder((names) => names.some((name) => name.endsWith('.'))),
    },
    {
      name: 'empty-name-taken',
      describes: 'An order for an empty name is taken.',
      rfc: 8555,
      section: '7.4',
      breaks: ['empty-name'],
      apply: acceptOrder((names) => names.includes('')),
    },
    {
      name: 'order-without-names-taken',
      describes: 'An order without a name is taken.',
      rfc: 8555,
      section: '7.4',
      breaks: ['no-names'],
      apply: acceptOrder((names) => names.length === 0),
    },
    {
      name: 'forbidden-name-not-told',
      describes: 'A name is refused as rejectedIdentifier without saying which of two it is.',
      rfc: 8555,
      section: '6.7.1',
      breaks: ['forbidden-name-is-told'],
      apply: refuseOrder((names) => names.includes('example.com'), [403, 'rejectedIdentifier']),
    },
    {
      name: 'any-identifier-type-accepted',
      describes: 'An order with an unknown type of identifier is accepted.',
      rfc: 8555,
      section: '7.4',
      breaks: ['unknown-identifier-type'],
      apply: acceptAnyway(
        ({ fields }, request, conversation, refusal) =>
          errorType(refusal) !== 'badNonce' &&
          conversation.isFor(request, 'newOrder') &&
          ((fields.identifiers ?? []) as readonly Identifier[]).some(({ type }) => !['dns', 'ip'].includes(type)),
      ),
    },
  ],
});
