import type { JWK } from 'jose';
import { errorType, header, succeeded } from '../client/answer.ts';
import type { HttpAnswer } from '../client/transport.ts';
import { acceptAnyway, answerAsHonest } from './accept-anyway.ts';
import { asProblem, withFields, withJson, withoutHeader } from './answer-change.ts';
import { changeAnswers, changeErrors } from './change-answers.ts';
import { type Conversation, thumbprint } from './conversation.ts';
import type { Deviation } from './deviation.ts';
import { readJws, readSigned, type SignedRequest } from './signed-request.ts';

/** Groups 12 to 19: accounts, key changes, the orders list, external account binding. */

const rfc = 8555;

/** Changes the answers of newAccount that are about an account that was there before. */
function changeKnownAccount(
  change: (answer: HttpAnswer, signed: SignedRequest, conversation: Conversation) => HttpAnswer | Promise<HttpAnswer>,
): Deviation['apply'] {
  return changeAnswers(['newAccount'], (answer, request, conversation) => {
    const signed = readSigned(request);
    return answer.status === 200 && signed !== null ? change(answer, signed, conversation) : answer;
  });
}

/** What a key change says (RFC 8555 section 7.3.5). */
interface KeyChange {
  readonly outer: SignedRequest;
  readonly inner: SignedRequest;
  readonly account: string;
}

/** A key change with a fault is answered as if it had been made; the account keeps its key. */
function acceptKeyChange(
  hasFault: (change: KeyChange, conversation: Conversation) => boolean | Promise<boolean>,
): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const outer = readSigned(request);
    const inner = outer === null ? null : readJws(outer.payload);
    const account = outer?.header.kid;
    const isKeyChange = conversation.isFor(request, 'keyChange') && typeof account === 'string';
    if (!isKeyChange || outer === null || inner === null) return forward(request);
    const fault = await hasFault({ outer, inner, account }, conversation);
    return fault ? answerAsHonest(request, outer, conversation) : forward(request);
  };
}

const bindings = 'kids of accepted bindings';

/** A newAccount whose binding the CA refuses is accepted where it has the fault. */
function acceptBinding(
  hasFault: (
    binding: SignedRequest,
    signed: SignedRequest,
    url: string,
    accepted: ReadonlySet<unknown>,
    refusal: HttpAnswer,
  ) => boolean | Promise<boolean>,
): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const signed = readSigned(request);
    const binding = readJws(JSON.stringify(signed?.fields.externalAccountBinding ?? null));
    const answer = await forward(request);
    if (signed === null || binding === null || !conversation.isFor(request, 'newAccount')) return answer;
    const accepted = (conversation.memory.get(bindings) as Set<unknown> | undefined) ?? new Set<unknown>();
    conversation.memory.set(bindings, accepted);
    if (succeeded(answer)) accepted.add(binding.header.kid);
    if (answer.status < 400 || errorType(answer) === 'badNonce') return answer;
    const fault = await hasFault(binding, signed, request.url, accepted, answer);
    return fault ? answerAsHonest(request, signed, conversation) : answer;
  };
}

async function isBindingOf(binding: SignedRequest, { header: { jwk } }: SignedRequest): Promise<boolean> {
  return (await thumbprint(binding.fields as JWK)) === (await thumbprint(jwk));
}

export const accountDeviations: readonly Deviation[] = [
  {
    name: 'new-account-answered-200',
    describes: 'A newAccount that makes an account is answered 200.',
    ...{ rfc, section: '7.3' },
    breaks: ['new-account'],
    apply: changeAnswers(['newAccount'], (answer) => ({ ...answer, status: 200 })),
  },
  {
    name: 'account-without-orders',
    describes: 'An account object has no orders.',
    ...{ rfc, section: '7.1.2' },
    breaks: ['account-has-orders'],
    apply: changeAnswers(['newAccount', 'account'], (answer) => withFields(answer, { orders: undefined })),
  },
  {
    name: 'known-account-without-location',
    describes: 'newAccount with the key of an account brings no Location, unless it is a look-up.',
    ...{ rfc, section: '7.3.1' },
    breaks: ['same-key-same-account'],
    apply: changeKnownAccount((answer, { fields }) =>
      fields.onlyReturnExisting === true ? answer : withoutHeader(answer, 'location'),
    ),
  },
  {
    name: 'new-account-updates',
    describes: 'newAccount with the key of an account changes its contact.',
    ...{ rfc, section: '7.3.1' },
    breaks: ['same-key-changes-nothing'],
    apply: changeKnownAccount((answer, { fields }, { memory }) => {
      const url = header(answer, 'location') ?? '';
      if (fields.contact !== undefined) memory.set(url, fields.contact);
      return memory.has(url) ? withFields(answer, { contact: memory.get(url) }) : answer;
    }),
  },
  {
    name: 'unknown-fields-reflected',
    describes: 'A new account has all the fields of the request, also unknown ones.',
    ...{ rfc, section: '7.3' },
    breaks: ['unknown-fields-are-ignored'],
    apply: changeAnswers(['newAccount'], (answer, request) =>
      answer.status === 201 ? withJson(answer, (account) => ({ ...readSigned(request)?.fields, ...account })) : answer,
    ),
  },
  {
    name: 'unknown-account-answered-404',
    describes: 'A look-up of an account that does not exist is answered 404.',
    ...{ rfc, section: '7.3.1' },
    breaks: ['look-up-of-unknown-key'],
    apply: changeErrors('accountDoesNotExist', (answer) => asProblem(answer, 404, 'accountDoesNotExist')),
  },
  {
    name: 'look-up-needs-binding',
    describes: 'A look-up of an account is refused with externalAccountRequired, though the account is there.',
    ...{ rfc, section: '7.3.1' },
    breaks: ['look-up-of-known-key'],
    apply: changeKnownAccount((answer, { fields }) =>
      fields.onlyReturnExisting === true
        ? withoutHeader(asProblem(answer, 403, 'externalAccountRequired'), 'location')
        : answer,
    ),
  },
  {
    name: 'terms-not-advertised',
    describes: 'The directory has no terms of service, though accounts must agree to some.',
    ...{ rfc, section: '7.3' },
    breaks: ['terms-must-be-agreed'],
    apply: changeAnswers(['directory'], (answer) =>
      withJson(answer, ({ meta, ...directory }) => ({
        ...directory,
        meta: { ...(meta as object | undefined), termsOfService: undefined },
      })),
    ),
  },
  {
    name: 'unsupported-contact-is-malformed',
    describes: 'A contact with an unsupported scheme is refused with malformed.',
    ...{ rfc, section: '7.3' },
    breaks: ['unsupported-contact'],
    apply: changeErrors('unsupportedContact', (answer) => asProblem(answer, 400, 'malformed')),
  },
  {
    name: 'invalid-contact-is-malformed',
    describes: 'A contact with several addresses is refused with malformed.',
    ...{ rfc, section: '7.3' },
    breaks: ['invalid-contact', 'contact-with-header-fields'],
    apply: changeErrors('invalidContact', (answer) => asProblem(answer, 400, 'malformed')),
  },
  {
    name: 'contact-with-header-fields-accepted',
    describes: 'A mailto contact with header fields is accepted.',
    ...{ rfc, section: '7.3' },
    breaks: ['contact-with-header-fields'],
    apply: acceptAnyway(
      ({ fields: { contact } }, request, conversation, refusal) =>
        errorType(refusal) !== 'badNonce' &&
        conversation.isFor(request, 'newAccount') &&
        JSON.stringify(contact ?? null).includes('?'),
    ),
  },
  {
    name: 'orders-url-changed-by-client',
    describes: 'An update of an account changes its orders URL.',
    ...{ rfc, section: '7.3.2' },
    breaks: ['account-update'],
    apply: changeAnswers(['account'], (answer, request) => {
      const orders = readSigned(request)?.fields.orders;
      return orders === undefined ? answer : withFields(answer, { orders });
    }),
  },
  {
    name: 'deactivated-account-works',
    describes: 'A deactivated account can still be read.',
    ...{ rfc, section: '7.3.6' },
    breaks: ['deactivated-account'],
    async apply(request, forward, conversation) {
      const signed = readSigned(request);
      const answer = await forward(request);
      if (signed === null || !conversation.isFor(request, 'account')) return answer;
      if (succeeded(answer) && signed.fields.status === 'deactivated') conversation.memory.set(request.url, true);
      const isAfterwards = signed.payload === '' && conversation.memory.has(request.url);
      return isAfterwards && !succeeded(answer) ? answerAsHonest(request, signed, conversation) : answer;
    },
  },
  {
    name: 'key-change-refused',
    describes: 'Every key change is refused.',
    ...{ rfc, section: '7.3.5' },
    breaks: ['key-change'],
    apply: (request, forward, conversation) =>
      conversation.isFor(request, 'keyChange')
        ? conversation.problem(400, 'malformed', 'keys are not changed')
        : forward(request),
  },
  {
    name: 'key-change-ends-orders',
    describes: 'The orders of an account are invalid after a key change.',
    ...{ rfc, section: '7.3.5' },
    breaks: ['key-change-keeps-orders'],
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const kid = String(readSigned(request)?.header.kid);
      if (!succeeded(answer)) return answer;
      if (conversation.isFor(request, 'keyChange')) conversation.memory.set(kid, true);
      const isEnded = conversation.isFor(request, 'order') && conversation.memory.has(kid);
      return isEnded ? withFields(answer, { status: 'invalid' }) : answer;
    },
  },
  {
    name: 'key-change-with-foreign-url-accepted',
    describes: 'A key change whose inner url is not that of the request is accepted.',
    ...{ rfc, section: '7.3.5' },
    breaks: ['key-change-with-foreign-url'],
    apply: acceptKeyChange(({ inner, outer }) => inner.header.url !== outer.header.url),
  },
  {
    name: 'key-change-with-wrong-old-key-accepted',
    describes: 'A key change whose oldKey is not the key of the account is accepted.',
    ...{ rfc, section: '7.3.5' },
    breaks: ['key-change-with-wrong-old-key'],
    apply: acceptKeyChange(
      async ({ inner, account }, conversation) => !(await conversation.isKeyOf(account, inner.fields.oldKey)),
    ),
  },
  {
    name: 'key-change-with-foreign-account-accepted',
    describes: 'A key change that names another account is accepted.',
    ...{ rfc, section: '7.3.5' },
    breaks: ['key-change-with-foreign-account'],
    apply: acceptKeyChange(({ inner, account }) => inner.fields.account !== account),
  },
  {
    name: 'key-change-without-jwk-accepted',
    describes: 'A key change whose inner JWS has no jwk is accepted.',
    ...{ rfc, section: '7.3.5' },
    breaks: ['key-change-without-jwk'],
    apply: acceptKeyChange(({ inner }) => inner.header.jwk === undefined),
  },
  {
    name: 'key-change-with-inner-nonce-accepted',
    describes: 'A key change whose inner JWS has a nonce is accepted.',
    ...{ rfc, section: '7.3.5' },
    breaks: ['key-change-with-inner-nonce'],
    apply: acceptKeyChange(({ inner }) => inner.header.nonce !== undefined),
  },
  {
    name: 'key-change-to-a-key-in-use-accepted',
    describes: 'A key change to the key of another account is accepted.',
    ...{ rfc, section: '7.3.5' },
    breaks: ['key-change-to-a-key-in-use'],
    apply: acceptKeyChange(async ({ inner, account }, conversation) => {
      const other = await conversation.accountOf(inner.header.jwk);
      return other !== undefined && other !== account;
    }),
  },
  {
    name: 'key-in-use-not-named',
    describes: 'A key change to the key of another account is refused with 400, without that account in Location.',
    ...{ rfc, section: '7.3.5' },
    breaks: ['key-in-use-is-named'],
    async apply(request, forward, conversation) {
      const outer = readSigned(request);
      const inner = outer !== null && conversation.isFor(request, 'keyChange') ? readJws(outer.payload) : null;
      const other = await conversation.accountOf(inner?.header.jwk);
      return other !== undefined && other !== outer?.header.kid
        ? conversation.problem(400, 'malformed', 'the key is in use')
        : forward(request);
    },
  },
  {
    name: 'orders-list-is-an-array',
    describes: 'The orders list is a JSON array instead of an object.',
    ...{ rfc, section: '7.1.2.1' },
    breaks: ['orders-list', 'orders-list-has-pending-orders'],
    apply: changeAnswers(['orders'], (answer) => withJson(answer, ({ orders }) => orders ?? [])),
  },
  {
    name: 'orders-list-is-empty',
    describes: 'The orders list is always empty.',
    ...{ rfc, section: '7.1.2.1' },
    breaks: ['orders-list-has-pending-orders'],
    apply: changeAnswers(['orders'], (answer) => withoutHeader(withFields(answer, { orders: [] }), 'link')),
  },
  {
    name: 'binding-required-without-saying-so',
    describes:
      'newAccount without a binding is refused with externalAccountRequired, which the directory does not say.',
    ...{ rfc, section: '7.3.4' },
    breaks: ['binding-required-as-advertised'],
    apply: (request, forward, conversation) => {
      const fields = readSigned(request)?.fields;
      const isUnbound =
        conversation.isFor(request, 'newAccount') &&
        fields?.onlyReturnExisting !== true &&
        fields?.externalAccountBinding === undefined;
      return isUnbound
        ? conversation.problem(403, 'externalAccountRequired', 'an external account is required')
        : forward(request);
    },
  },
  {
    name: 'binding-not-enforced',
    describes: 'An account is made without a binding, though the directory says that one is required.',
    ...{ rfc, section: '7.3.4' },
    needsExternalAccount: true,
    breaks: ['binding-required-as-advertised', 'absent-binding-is-named'],
    apply: acceptAnyway(
      ({ fields }, _request, _conversation, refusal) =>
        errorType(refusal) === 'externalAccountRequired' && fields.onlyReturnExisting !== true,
    ),
  },
  {
    name: 'absent-binding-is-malformed',
    describes: 'newAccount without the required binding is refused with malformed.',
    ...{ rfc, section: '7.3.4' },
    needsExternalAccount: true,
    breaks: ['absent-binding-is-named'],
    apply: changeErrors('externalAccountRequired', (answer) => asProblem(answer, 400, 'malformed')),
  },
  {
    name: 'binding-not-shown',
    describes: 'An account does not show its binding.',
    ...{ rfc, section: '7.3.4' },
    needsExternalAccount: true,
    breaks: ['binding-is-shown'],
    apply: changeAnswers(['newAccount', 'account'], (answer) =>
      withFields(answer, { externalAccountBinding: undefined }),
    ),
  },
  {
    name: 'binding-with-unknown-kid-accepted',
    describes: 'A binding with an unknown kid is accepted.',
    ...{ rfc, section: '7.3.4' },
    needsExternalAccount: true,
    breaks: ['binding-with-unknown-kid'],
    apply: acceptBinding((binding, _signed, _url, accepted) => !accepted.has(binding.header.kid)),
  },
  {
    name: 'binding-mac-not-verified',
    describes: 'A binding with a wrong MAC is accepted.',
    ...{ rfc, section: '7.3.4' },
    needsExternalAccount: true,
    breaks: ['binding-with-wrong-mac'],
    apply: acceptBinding(
      async (binding, signed, url, accepted, refusal) =>
        errorType(refusal) === 'unauthorized' &&
        accepted.has(binding.header.kid) &&
        binding.header.url === url &&
        binding.header.nonce === undefined &&
        (await isBindingOf(binding, signed)),
    ),
  },
  {
    name: 'binding-with-foreign-url-accepted',
    describes: 'A binding whose url is not that of newAccount is accepted.',
    ...{ rfc, section: '7.3.4' },
    needsExternalAccount: true,
    breaks: ['binding-with-foreign-url'],
    apply: acceptBinding((binding, _signed, url) => binding.header.url !== url),
  },
  {
    name: 'binding-with-nonce-accepted',
    describes: 'A binding with a nonce is accepted.',
    ...{ rfc, section: '7.3.4' },
    needsExternalAccount: true,
    breaks: ['binding-with-nonce'],
    apply: acceptBinding((binding) => binding.header.nonce !== undefined),
  },
  {
    name: 'binding-of-another-key-accepted',
    describes: 'A binding of another account key is accepted.',
    ...{ rfc, section: '7.3.4' },
    needsExternalAccount: true,
    breaks: ['binding-of-another-key'],
    apply: acceptBinding(async (binding, signed) => !(await isBindingOf(binding, signed))),
  },
];
