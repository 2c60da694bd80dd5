import { randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import { errorType, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import type { AcmeSession } from '../../client/session.ts';
import { type BindingFault, createSigningKey } from '../../client/signing-key.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { acceptAnyway, answerAsHonest } from '../../deviations/accept-anyway.ts';
import { asProblem, withFields } from '../../deviations/answer-change.ts';
import { changeAnswers, changeErrors } from '../../deviations/change-answers.ts';
import { thumbprint } from '../../deviations/conversation.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { readJws, readSigned, type SignedRequest } from '../../deviations/signed-request.ts';
import { expectThat, failed, passed, skipped, standard } from '../check.ts';
import { type GroupCheck, group } from '../group.ts';
import { refused } from './refused.ts';

/** A binding that the CA has to find wrong. */
function faultyBindingCheck(
  id: string,
  asserts: string,
  fault: (session: AcmeSession) => Promise<BindingFault>,
): GroupCheck {
  return {
    ...standard,
    id,
    section: '7.3.4',
    level: 'MUST',
    basis: 'keyword',
    asserts,
    async run(session) {
      if (!session.options.externalAccount) return skipped('no external account was given (--eab-kid)');
      await session.account();
      await session.spareAccount();
      if (session.hasUsedExternalAccounts) {
        return skipped('each external account that was given was used: the CA may refuse a binding for that');
      }
      const key = await createSigningKey('ES256');
      const payload = await session.newAccountPayload(key, await fault(session));
      const answer = await session.newAccount(key, payload);
      const reflected = jsonObject(answer)?.externalAccountBinding !== undefined;
      const { externalAccountRequired } = await session.meta();
      if (succeeded(answer) && !reflected && externalAccountRequired !== true) {
        return skipped('the CA does not verify bindings, and does not claim to: the account it made has none');
      }
      return refused(answer);
    },
  };
}

async function newAccountWithoutBinding(session: AcmeSession) {
  const key = await createSigningKey('ES256');
  const answer = await session.newAccount(key, { termsOfServiceAgreed: true });
  const { externalAccountRequired } = await session.meta();
  return { answer, required: externalAccountRequired === true };
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

export const externalAccountBinding = group(19, 'External account binding', {
  runs: 'accounts',
  checks: [
    {
      ...standard,
      id: 'binding-required-as-advertised',
      section: '7.3.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'An account without a binding is refused where, and only where, meta has externalAccountRequired true.',
      async run(session) {
        const { answer, required } = await newAccountWithoutBinding(session);
        if (required) return refused(answer);
        if (succeeded(answer)) return passed('None is required, and an account without one was made.');
        if (errorType(answer) === 'externalAccountRequired') {
          return failed('A binding is required (externalAccountRequired), though meta does not say so.');
        }
        return skipped(`the account was refused for another reason: ${inWords(answer)}`);
      },
    },
    {
      ...standard,
      id: 'absent-binding-is-named',
      section: '7.3.4',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'Where a binding is required, an account without one is refused as externalAccountRequired.',
      async run(session) {
        const { answer, required } = await newAccountWithoutBinding(session);
        if (!required) return skipped('the CA does not require a binding');
        return expectThat(errorType(answer) === 'externalAccountRequired', `It was answered ${inWords(answer)}.`);
      },
    },
    {
      ...standard,
      id: 'binding-is-shown',
      section: '7.3.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'An account that was made with a binding shows it.',
      async run(session) {
        if (!session.options.externalAccount) return skipped('no external account was given (--eab-kid)');
        const { answer } = await session.account();
        const shown = jsonObject(answer)?.externalAccountBinding !== undefined;
        const { externalAccountRequired } = await session.meta();
        if (!shown && externalAccountRequired !== true) return skipped('the CA does not claim to verify bindings');
        return expectThat(shown, shown ? 'It is shown.' : 'The account has no externalAccountBinding.');
      },
    },
    faultyBindingCheck('binding-with-unknown-kid', 'A binding with an unknown kid is refused.', async () => ({
      kid: `padlock-${randomBytes(8).toString('hex')}`,
    })),
    faultyBindingCheck('binding-with-wrong-mac', 'A binding whose MAC is by another key is refused.', async () => ({
      macKey: randomBytes(32),
    })),
    faultyBindingCheck('binding-with-foreign-url', 'A binding whose url differs is refused.', async (session) => ({
      url: await session.resource('newOrder'),
    })),
    faultyBindingCheck('binding-with-nonce', 'A binding with a nonce is refused.', async (session) => ({
      nonce: await session.nonce(),
    })),
    faultyBindingCheck('binding-of-another-key', 'A binding of another account key is refused.', async () => ({
      payloadKey: (await createSigningKey('ES256')).publicJwk,
    })),
  ],
  deviations: [
    {
      name: 'binding-required-without-saying-so',
      describes:
        'newAccount without a binding is refused with externalAccountRequired, which the directory does not say.',
      rfc: 8555,
      section: '7.3.4',
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
      rfc: 8555,
      section: '7.3.4',
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
      rfc: 8555,
      section: '7.3.4',
      needsExternalAccount: true,
      breaks: ['absent-binding-is-named'],
      apply: changeErrors('externalAccountRequired', (answer) => asProblem(answer, 400, 'malformed')),
    },
    {
      name: 'binding-not-shown',
      describes: 'An account does not show its binding.',
      rfc: 8555,
      section: '7.3.4',
      needsExternalAccount: true,
      breaks: ['binding-is-shown'],
      apply: changeAnswers(['newAccount', 'account'], (answer) =>
        withFields(answer, { externalAccountBinding: undefined }),
      ),
    },
    {
      name: 'binding-with-unknown-kid-accepted',
      describes: 'A binding with an unknown kid is accepted.',
      rfc: 8555,
      section: '7.3.4',
      needsExternalAccount: true,
      breaks: ['binding-with-unknown-kid'],
      apply: acceptBinding((binding, _signed, _url, accepted) => !accepted.has(binding.header.kid)),
    },
    {
      name: 'binding-mac-not-verified',
      describes: 'A binding with a wrong MAC is accepted.',
      rfc: 8555,
      section: '7.3.4',
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
      rfc: 8555,
      section: '7.3.4',
      needsExternalAccount: true,
      breaks: ['binding-with-foreign-url'],
      apply: acceptBinding((binding, _signed, url) => binding.header.url !== url),
    },
    {
      name: 'binding-with-nonce-accepted',
      describes: 'A binding with a nonce is accepted.',
      rfc: 8555,
      section: '7.3.4',
      needsExternalAccount: true,
      breaks: ['binding-with-nonce'],
      apply: acceptBinding((binding) => binding.header.nonce !== undefined),
    },
    {
      name: 'binding-of-another-key-accepted',
      describes: 'A binding of another account key is accepted.',
      rfc: 8555,
      section: '7.3.4',
      needsExternalAccount: true,
      breaks: ['binding-of-another-key'],
      apply: acceptBinding(async (binding, signed) => !(await isBindingOf(binding, signed))),
    },
  ],
});
