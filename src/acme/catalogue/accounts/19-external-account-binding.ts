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

/** A check of a faulty binding, which the CA must refuse. */
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
        return skipped('every given external account has been used, and the CA may refuse a binding for that reason');
      }
      const key = await createSigningKey('ES256');
      const payload = await session.newAccountPayload(key, await fault(session));
      const answer = await session.newAccount(key, payload);
      const reflected = jsonObject(answer)?.externalAccountBinding !== undefined;
      const { externalAccountRequired } = await session.meta();
      if (succeeded(answer) && !reflected && externalAccountRequired !== true) {
        return skipped('the CA neither verifies bindings nor claims to: the new account has none');
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

/** Accepts a newAccount with a faulty binding that the CA behind refuses. */
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
  feature: 'external-accounts',
  checks: [
    // RFC 8555 section 7.3.4: The directory says in meta whether accounts need a binding.
    {
      ...standard,
      id: 'binding-required-as-advertised',
      section: '7.3.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses an account without a binding if, and only if, meta has externalAccountRequired true.',
      async run(session) {
        const { answer, required } = await newAccountWithoutBinding(session);
        if (required) return refused(answer);
        if (succeeded(answer)) return passed('The CA requires no binding and created an account without one.');
        if (errorType(answer) === 'externalAccountRequired') {
          return failed('The CA requires a binding (externalAccountRequired), though meta does not say so.');
        }
        return skipped(`the CA refused the account for another reason: ${inWords(answer)}`);
      },
    },
    // RFC 8555 section 7.3.4: The error for a missing binding is externalAccountRequired.
    {
      ...standard,
      id: 'absent-binding-is-named',
      section: '7.3.4',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'If a binding is required, the CA refuses an account without one as externalAccountRequired.',
      async run(session) {
        const { answer, required } = await newAccountWithoutBinding(session);
        if (!required) return skipped('the CA does not require a binding');
        return expectThat(
          errorType(answer) === 'externalAccountRequired',
          `The CA answered ${inWords(answer)}.`,
          answer,
        );
      },
    },
    // RFC 8555 section 7.3.4: The account object has the binding with which it was created.
    {
      ...standard,
      id: 'binding-is-shown',
      section: '7.3.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'An account created with a binding shows it.',
      async run(session) {
        if (!session.options.externalAccount) return skipped('no external account was given (--eab-kid)');
        const { answer } = await session.account();
        const shown = jsonObject(answer)?.externalAccountBinding !== undefined;
        const { externalAccountRequired } = await session.meta();
        if (!shown && externalAccountRequired !== true) return skipped('the CA does not claim to verify bindings');
        return expectThat(shown, `The account ${shown ? 'has' : 'lacks'} the field externalAccountBinding.`);
      },
    },
    // RFC 8555 section 7.3.4: The server looks up the MAC key by the kid.
    faultyBindingCheck('binding-with-unknown-kid', 'The CA refuses a binding with an unknown kid.', async () => ({
      kid: `padlock-${randomBytes(8).toString('hex')}`,
    })),
    // RFC 8555 section 7.3.4: The server verifies the MAC.
    faultyBindingCheck('binding-with-wrong-mac', 'The CA refuses a binding with a MAC by another key.', async () => ({
      macKey: randomBytes(32),
    })),
    // RFC 8555 section 7.3.4: The binding has the url of the outer JWS.
    faultyBindingCheck('binding-with-foreign-url', 'The CA refuses a binding whose url differs.', async (session) => ({
      url: await session.resource('newOrder'),
    })),
    // RFC 8555 section 7.3.4: A binding has no nonce.
    faultyBindingCheck('binding-with-nonce', 'The CA refuses a binding with a nonce.', async (session) => ({
      nonce: await session.nonce(),
    })),
    // RFC 8555 section 7.3.4: The payload of the binding is the key that signs the outer JWS.
    faultyBindingCheck('binding-of-another-key', 'The CA refuses a binding of another account key.', async () => ({
      payloadKey: (await createSigningKey('ES256')).publicJwk,
    })),
  ],
  deviations: [
    {
      name: 'binding-required-without-saying-so',
      describes:
        'newAccount without a binding is refused with externalAccountRequired, which the directory does not announce.',
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
      describes: 'The CA creates an account without a binding, though the directory says that one is required.',
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
