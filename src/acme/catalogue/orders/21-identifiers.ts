import { domainToUnicode } from 'node:url';
import { errorType, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { withJson } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { acceptOrder, askedNames, type Identifier, refuseOrder } from '../../deviations/change-new-order.ts';
import { type CheckFinding, expectRefusal, expectThat, failed, passed, skipped, standard, warned } from '../check.ts';
import { group } from '../group.ts';

/** An A-label for "bücher" (RFC 5890 section 2.3.2.1). */
const aLabel = 'xn--bcher-kva';

/** Begins like an A-label, but the rest is not Punycode: its number is too large (RFC 3492 section 6.4). */
const brokenALabel = 'xn--99999999';

/** RFC 2606 section 3: no publicly trusted CA issues for it. */
const forbiddenName = 'example.com';

/** @throws UnmetNeed if the CA accepts no orders at all: then a refusal proves nothing */
async function orderFor(session: AcmeSession, values: readonly string[]): Promise<HttpAnswer> {
  const { account } = await session.order();
  return session.newOrder(account, { identifiers: values.map((value) => ({ type: 'dns', value })) });
}

/** The identifiers that an accepted order shows. */
function valuesOf(answer: HttpAnswer): readonly string[] {
  const { identifiers } = jsonObject(answer) ?? {};
  return Array.isArray(identifiers) ? identifiers.map(({ value }: { value?: unknown }) => String(value)) : [];
}

function authorizationsOf(answer: HttpAnswer): number {
  const { authorizations } = jsonObject(answer) ?? {};
  return Array.isArray(authorizations) ? authorizations.length : 0;
}

/** The CA must refuse what it cannot issue for. A server error is not a refusal. */
function refused(answer: HttpAnswer): CheckFinding {
  if (succeeded(answer)) return failed(`The CA accepted it as ${valuesOf(answer).join(', ')}.`);
  return expectRefusal(answer);
}

const isALabel = (label: string) => label.startsWith('xn--');

/** RFC 5891 section 5.4: a label that cannot be decoded stays unchanged. */
const isBrokenALabel = (label: string) => isALabel(label) && domainToUnicode(label) === label;

export const identifiers = group(21, 'Identifiers', {
  runs: 'identifiers',
  checks: [
    // RFC 8555 section 7.4: A server refuses an order that it cannot fulfil, here for its type of identifier.
    {
      ...standard,
      id: 'unknown-identifier-type',
      runs: 'orders',
      section: '7.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses an order with an unknown identifier type.',
      async run(session) {
        // A CA that accepts no orders at all proves nothing by refusing this one.
        await session.order();
        const identifiers = [{ type: 'padlock-unknown', value: session.name('unknown') }];
        const answer = await session.newOrder(await session.account(), { identifiers });
        if (succeeded(answer)) return failed(`The CA accepted it: ${answer.status}.`);
        if (answer.status >= 500) return expectRefusal(answer);
        if (errorType(answer) !== 'unsupportedIdentifier') {
          return warned(`The CA refused it, but not as unsupportedIdentifier: ${inWords(answer)}.`);
        }
        return expectThat(true, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.4: An order has all requested identifiers. Which authorizations it needs for them is the server's
    // decision (section 7.1.3): one may cover several names.
    {
      ...standard,
      id: 'several-names',
      section: '7.4',
      level: 'MUST',
      basis: 'statement',
      asserts: 'An order for three names has all three.',
      async run(session) {
        const names = session.names(['several-1', 'several-2', 'several-3']);
        const answer = await orderFor(session, names);
        if (!succeeded(answer)) return expectThat(false, `The CA answered ${inWords(answer)}.`, answer);
        const values = valuesOf(answer).map((value) => value.toLowerCase());
        const right = values.toSorted().join() === names.toSorted().join();
        return expectThat(
          right,
          `The order has the names ${values.join(', ')} and ${authorizationsOf(answer)} authorizations.`,
        );
      },
    },
    // RFC 8555 section 7.4: One authorization per identifier is enough, however often the request names it.
    {
      ...standard,
      id: 'duplicate-name',
      section: '7.4',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'An order that names a host twice is refused, or has one authorization for it.',
      async run(session) {
        const name = session.name('duplicate');
        const answer = await orderFor(session, [name, name]);
        if (!succeeded(answer)) return expectRefusal(answer);
        const count = authorizationsOf(answer);
        return expectThat(count === 1, `The CA accepted it with ${count} authorizations.`);
      },
    },
    // RFC 5280 section 7.2: Host names are compared without regard to case.
    {
      ...standard,
      id: 'mixed-case-name',
      rfc: 5280,
      section: '7.2',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'A name with capital letters is refused, or accepted as the same name in lower case.',
      async run(session) {
        const name = session.name('mixed-case');
        const answer = await orderFor(session, [session.name('Mixed-CASE')]);
        if (!succeeded(answer)) return expectRefusal(answer);
        const values = valuesOf(answer);
        return expectThat(values.join().toLowerCase() === name, `The CA accepted it as ${values.join(', ')}.`);
      },
    },
    // RFC 8555 section 7.1.4: Internationalized names are A-labels.
    {
      ...standard,
      id: 'internationalized-name',
      feature: 'internationalized-names',
      section: '7.1.4',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The CA accepts an internationalized name (an A-label) unchanged.',
      async run(session) {
        const name = session.name(aLabel);
        const answer = await orderFor(session, [name]);
        if (!succeeded(answer)) return expectThat(false, `The CA answered ${inWords(answer)}.`, answer);
        const values = valuesOf(answer);
        return expectThat(values.join().toLowerCase() === name, `The CA accepted it as ${values.join(', ')}.`);
      },
    },
    // RFC 8555 section 7.1.4: The server verifies that labels that begin with "xn--" are correctly encoded.
    {
      ...standard,
      id: 'broken-a-label',
      section: '7.1.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: `The CA refuses a name with an invalid A-label (${brokenALabel}).`,
      run: async (session) => refused(await orderFor(session, [session.name(brokenALabel)])),
    },
    // RFC 8555 section 7.1.4: The identifier is the name as it stands in a certificate, which has no final dot.
    {
      ...standard,
      id: 'trailing-dot',
      section: '7.1.4',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'A name with a final dot is refused, or accepted without the dot.',
      async run(session) {
        const answer = await orderFor(session, [`${session.name('dot')}.`]);
        if (!succeeded(answer)) return expectRefusal(answer);
        const values = valuesOf(answer);
        return expectThat(!values.join().endsWith('.'), `The CA accepted it as ${values.join(', ')}.`);
      },
    },
    // RFC 8555 section 7.4: A server refuses an order that it cannot fulfil.
    {
      ...standard,
      id: 'empty-name',
      section: '7.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses an order for an empty name.',
      run: async (session) => refused(await orderFor(session, [''])),
    },
    // RFC 8555 section 7.4: A server refuses an order that it cannot fulfil.
    {
      ...standard,
      id: 'no-names',
      section: '7.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses an order without any name.',
      run: async (session) => refused(await orderFor(session, [])),
    },
    // RFC 8555 section 6.7.1: Subproblems tell which of several identifiers caused the error.
    {
      ...standard,
      id: 'forbidden-name-is-told',
      section: '6.7.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'If policy forbids one of two names, the problem document says which.',
      async run(session) {
        const answer = await orderFor(session, [session.name('allowed'), forbiddenName]);
        if (succeeded(answer)) return skipped(`the CA accepts orders for ${forbiddenName}`);
        const type = errorType(answer);
        if (type !== 'rejectedIdentifier') {
          throw new UnmetNeed(`the CA refused the order, but not as rejectedIdentifier: ${inWords(answer)}`);
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
    {
      name: 'authorization-for-each-duplicate',
      describes: 'An order that names a host twice has two authorizations for it.',
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
      describes: 'An order for a name with capital letters is answered 500.',
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
      describes: 'An order with an invalid A-label is accepted.',
      rfc: 8555,
      section: '7.1.4',
      breaks: ['broken-a-label'],
      apply: acceptOrder((names) => names.some((name) => name.split('.').some(isBrokenALabel))),
    },
    {
      name: 'trailing-dot-taken',
      describes: 'An order for a name with a final dot is accepted unchanged.',
      rfc: 8555,
      section: '7.1.4',
      breaks: ['trailing-dot'],
      apply: acceptOrder((names) => names.some((name) => name.endsWith('.'))),
    },
    {
      name: 'empty-name-taken',
      describes: 'An order for an empty name is accepted.',
      rfc: 8555,
      section: '7.4',
      breaks: ['empty-name'],
      apply: acceptOrder((names) => names.includes('')),
    },
    {
      name: 'order-without-names-taken',
      describes: 'An order without any name is accepted.',
      rfc: 8555,
      section: '7.4',
      breaks: ['no-names'],
      apply: acceptOrder((names) => names.length === 0),
    },
    {
      name: 'forbidden-name-not-told',
      describes: 'One of two names is refused as rejectedIdentifier without saying which.',
      rfc: 8555,
      section: '6.7.1',
      breaks: ['forbidden-name-is-told'],
      apply: refuseOrder((names) => names.includes('example.com'), [403, 'rejectedIdentifier']),
    },
  ],
});
