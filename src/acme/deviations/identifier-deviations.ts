import { domainToUnicode } from 'node:url';
import { errorType } from '../client/answer.ts';
import type { HttpRequest } from '../client/transport.ts';
import { acceptAnyway } from './accept-anyway.ts';
import { asProblem, withJson } from './answer-change.ts';
import { changeAnswers, changeErrors } from './change-answers.ts';
import type { Conversation } from './conversation.ts';
import type { Deviation } from './deviation.ts';
import { readSigned } from './signed-request.ts';

/** Groups 21, 24 and 45: what an order asks for. */

const rfc = 8555;

/** The names that a newOrder asks for; null where the request is something else. */
function askedNames(request: HttpRequest, conversation: Conversation): readonly string[] | null {
  const { identifiers } = readSigned(request)?.fields ?? {};
  if (!conversation.isFor(request, 'newOrder') || !Array.isArray(identifiers)) return null;
  return identifiers.map(({ value }: { value?: unknown }) => String(value));
}

/** An order is taken that the CA behind refuses. */
function takeOrder(hasFault: (names: readonly string[], fields: Readonly<Record<string, unknown>>) => boolean) {
  return acceptAnyway(({ fields }, request, conversation, refusal) => {
    const names = askedNames(request, conversation);
    return errorType(refusal) !== 'badNonce' && names !== null && hasFault(names, fields);
  });
}

/** An order is refused that the CA behind takes; it is not sent there. */
function refuseOrder(
  isRefused: (names: readonly string[], fields: Readonly<Record<string, unknown>>) => boolean,
  [status, type]: readonly [number, string],
): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const names = askedNames(request, conversation);
    const isIt = names !== null && isRefused(names, readSigned(request)?.fields ?? {});
    return isIt ? conversation.problem(status, type, 'not here') : forward(request);
  };
}

const isALabel = (label: string) => label.startsWith('xn--');
/** RFC 5891 section 5.4: it cannot be decoded, so it stays as it is. */
const isBrokenALabel = (label: string) => isALabel(label) && domainToUnicode(label) === label;

export const identifierDeviations: readonly Deviation[] = [
  {
    name: 'two-authorizations-at-most',
    describes: 'An order for more than two names has two authorizations.',
    ...{ rfc, section: '7.4' },
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
    ...{ rfc, section: '7.4' },
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
    ...{ rfc: 5280, section: '7.2' },
    breaks: ['mixed-case-name'],
    apply: refuseOrder((names) => names.some((name) => /[A-Z]/.test(name)), [500, 'serverInternal']),
  },
  {
    name: 'internationalized-names-refused',
    describes: 'An order for an internationalized name is refused.',
    ...{ rfc, section: '7.1.4' },
    breaks: ['internationalized-name'],
    apply: refuseOrder((names) => names.some((name) => name.split('.').some(isALabel)), [403, 'rejectedIdentifier']),
  },
  {
    name: 'broken-a-label-taken',
    describes: 'An order for a label that only looks like an A-label is taken.',
    ...{ rfc, section: '7.1.4' },
    breaks: ['broken-a-label'],
    apply: takeOrder((names) => names.some((name) => name.split('.').some(isBrokenALabel))),
  },
  {
    name: 'trailing-dot-taken',
    describes: 'An order for a name with a final dot is taken as it is.',
    ...{ rfc, section: '7.1.4' },
    breaks: ['trailing-dot'],
    apply: takeOrder((names) => names.some((name) => name.endsWith('.'))),
  },
  {
    name: 'empty-name-taken',
    describes: 'An order for an empty name is taken.',
    ...{ rfc, section: '7.4' },
    breaks: ['empty-name'],
    apply: takeOrder((names) => names.includes('')),
  },
  {
    name: 'order-without-names-taken',
    describes: 'An order without a name is taken.',
    ...{ rfc, section: '7.4' },
    breaks: ['no-names'],
    apply: takeOrder((names) => names.length === 0),
  },
  {
    name: 'forbidden-name-not-told',
    describes: 'A name is refused as rejectedIdentifier without saying which of two it is.',
    ...{ rfc, section: '6.7.1' },
    breaks: ['forbidden-name-is-told'],
    apply: refuseOrder((names) => names.includes('example.com'), [403, 'rejectedIdentifier']),
  },
  {
    name: 'not-after-alone-refused',
    describes: 'An order with notAfter and without notBefore is refused.',
    ...{ rfc, section: '7.4' },
    breaks: ['not-after-alone'],
    apply: refuseOrder(
      (_, { notBefore, notAfter }) => notAfter !== undefined && notBefore === undefined,
      [400, 'malformed'],
    ),
  },
  {
    name: 'order-hides-its-dates',
    describes: 'An order that was taken with notAfter does not show it.',
    ...{ rfc, section: '7.4' },
    breaks: ['order-shows-its-dates'],
    apply: changeAnswers(['newOrder', 'order', 'finalize'], (answer) =>
      withJson(answer, ({ notAfter: _, ...order }) => order),
    ),
  },
  {
    name: 'impossible-dates-taken',
    describes: 'An order for a certificate that ends before it begins is taken.',
    ...{ rfc, section: '7.4' },
    breaks: ['impossible-dates'],
    apply: takeOrder((_, { notBefore, notAfter }) => Date.parse(String(notBefore)) > Date.parse(String(notAfter))),
  },
  {
    name: 'profiles-not-described',
    describes: 'The profiles of meta have no descriptions.',
    ...{ rfc, section: '7.1.1' },
    breaks: ['profiles-are-described'],
    apply: changeAnswers(['directory'], (answer) =>
      withJson(answer, (directory) => {
        const { profiles, ...meta } = (directory.meta ?? {}) as Readonly<Record<string, unknown>>;
        const described = Object.fromEntries(Object.keys(profiles ?? {}).map((name) => [name, null]));
        return profiles === undefined ? directory : { ...directory, meta: { ...meta, profiles: described } };
      }),
    ),
  },
  {
    name: 'unknown-profile-taken',
    describes: 'An order with a profile that there is not is taken.',
    ...{ rfc, section: '7.4' },
    breaks: ['unknown-profile'],
    apply: acceptAnyway(
      (_, request, conversation, refusal) =>
        errorType(refusal) === 'invalidProfile' && conversation.isFor(request, 'newOrder'),
    ),
  },
  {
    name: 'unknown-profile-is-malformed',
    describes: 'An order with a profile that there is not is refused as malformed.',
    ...{ rfc, section: '7.4' },
    breaks: ['unknown-profile-is-named'],
    apply: changeErrors('invalidProfile', (answer) => asProblem(answer, 400, 'malformed')),
  },
  {
    name: 'order-hides-its-profile',
    describes: 'An order that was taken with a profile does not show it.',
    ...{ rfc, section: '7.4' },
    breaks: ['order-shows-its-profile'],
    apply: changeAnswers(['newOrder', 'order', 'finalize'], (answer) =>
      withJson(answer, ({ profile: _, ...order }) => order),
    ),
  },
];
