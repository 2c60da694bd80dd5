import { inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { createCertificateKey, createCertificateRequest } from '../../client/certificate-request.ts';
import { collect, finalize, readyOrder } from '../../client/issuance.ts';
import { UnmetNeed } from '../../client/session.ts';
import { withFields, withJson } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectRefusal, expectThat, failed, passed, skipped, standard, warned } from '../check.ts';
import { group } from '../group.ts';
import { finalizeUnreadyOrder } from './finalize-unready-order.ts';

export const deactivatedAuthorizations = group(27, 'Deactivated authorizations', {
  runs: 'orders',
  checks: [
    // RFC 8555 section 7.5.2: The server verifies that the account of the authorization signed the deactivation.
    {
      ...standard,
      id: 'authorization-deactivated-by-another-account',
      section: '7.5.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'An account cannot deactivate the authorization of another one.',
      async run(session) {
        const account = await session.account();
        const order = await session.anotherOrder(account, 'not-deactivated');
        const url = session.authorizationOf(order);
        const before = jsonObject(await session.read(account, url))?.status;
        const answer = await session.post({ url, by: await session.stranger(), payload: { status: 'deactivated' } });
        const status = jsonObject(await session.read(account, url))?.status;
        const seen = `The CA answered another account with ${inWords(answer)}; after that, the authorization is ${JSON.stringify(status ?? null)}`;
        if (!succeeded(answer)) return passed(`${seen}.`);
        return status === before
          ? warned(`${seen}, as before: the answer tells of a change that was not made.`)
          : failed(`${seen}.`);
      },
    },
    // RFC 8555 section 7.5.2: After a deactivation the server no longer treats the authorization as valid.
    {
      ...standard,
      id: 'deactivated-authorization',
      section: '7.5.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA does not issue for an order with a deactivated authorization.',
      async run(session) {
        const account = await session.account();
        const order = await session.anotherOrder(account, 'deactivated');
        const url = session.authorizationOf(order);
        const answer = await session.post({ url, by: account, payload: { status: 'deactivated' } });
        if (!succeeded(answer))
          return skipped(`the CA does not deactivate a pending authorization: ${inWords(answer)}`);
        const status = jsonObject(await session.read(account, url))?.status;
        const finalized = await finalizeUnreadyOrder(session, order, 'deactivated');
        const seen = `The authorization is ${JSON.stringify(status ?? null)}; the CA answered finalize with ${inWords(finalized)}.`;
        // A CA need not accept a deactivation. Its answer then tells of a change that was not made.
        if (status !== 'deactivated') return warned(`${seen} The deactivation was answered ${answer.status}.`);
        return expectThat(!succeeded(finalized), seen, finalized);
      },
    },
    // RFC 8555 section 7.1.6: An order becomes invalid when one of its authorizations ends in any status but valid.
    {
      ...standard,
      id: 'order-of-deactivated-authorization',
      section: '7.1.6',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'An order becomes invalid when its authorization is deactivated.',
      async run(session) {
        const account = await session.account();
        const order = await session.anotherOrder(account, 'deactivated-order');
        const url = session.authorizationOf(order);
        const answer = await session.post({ url, by: account, payload: { status: 'deactivated' } });
        if (!succeeded(answer))
          return skipped(`the CA does not deactivate a pending authorization: ${inWords(answer)}`);
        const status = jsonObject(await session.read(account, order.url))?.status;
        return expectThat(status === 'invalid', `The order is ${JSON.stringify(status ?? null)}.`);
      },
    },
    // RFC 8555 section 7.5.2: After a deactivation the server no longer treats the authorization as valid, though it
    // was.
    {
      ...standard,
      id: 'deactivated-valid-authorization',
      runs: 'valid authorizations',
      section: '7.5.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA does not issue by a valid authorization that was deactivated.',
      async run(session) {
        const label = 'deactivated-valid';
        const order = await readyOrder(session, { label });
        const gone = await session.deactivateAuthorization(order.account, session.authorizationOf(order));
        if (!succeeded(gone)) return skipped(`the CA does not deactivate a valid authorization: ${inWords(gone)}`);
        const status = jsonObject(await session.read(order.account, session.authorizationOf(order)))?.status;
        if (status !== 'deactivated') {
          return warned(
            `The deactivation was answered ${gone.status}, and the authorization is ${JSON.stringify(status ?? null)}.`,
          );
        }
        const names = [session.name(label)];
        const key = await createCertificateKey();
        const csr = await createCertificateRequest(key, { names });
        const finalized = await finalize(session, order, csr);
        if (!succeeded(finalized)) {
          return expectRefusal(finalized, `The CA answered finalize with ${inWords(finalized)}`);
        }
        try {
          await collect(session, { order, names, key, csr, finalized });
        } catch (error) {
          if (error instanceof UnmetNeed)
            return passed(`The CA accepted finalize and issued nothing: ${error.message}.`);
          throw error;
        }
        return failed('The CA issued a certificate despite the deactivated authorization.');
      },
    },
  ],
  deviations: [
    {
      name: 'authorization-deactivated-by-anyone',
      describes: 'An authorization is deactivated by any account.',
      rfc: 8555,
      section: '7.5.2',
      breaks: ['authorization-deactivated-by-another-account'],
      async apply(request, forward, conversation) {
        const signed = readSigned(request);
        if (signed === null || !conversation.isFor(request, 'authorization')) return forward(request);
        const isOfAnother = signed.header.kid !== conversation.ownerOf(request.url);
        const isMade = isOfAnother && signed.fields.status === 'deactivated';
        if (isMade) conversation.memory.set(request.url, true);
        const answer = isMade ? await conversation.lastGoodAgain(request.url) : await forward(request);
        if (answer === null) return forward(request);
        const isGone = succeeded(answer) && conversation.memory.has(request.url);
        return isGone ? withFields(answer, { status: 'deactivated' }) : answer;
      },
    },
    {
      name: 'deactivated-authorization-stays-pending',
      describes: 'A deactivated authorization is still pending.',
      rfc: 8555,
      section: '7.5.2',
      breaks: ['deactivated-authorization', 'deactivated-valid-authorization'],
      apply: changeAnswers(['authorization'], (answer, request) =>
        readSigned(request)?.payload === ''
          ? withJson(answer, (one) => (one.status === 'deactivated' ? { ...one, status: 'pending' } : one))
          : answer,
      ),
    },
    {
      name: 'order-outlives-deactivated-authorization',
      describes: 'An order stays pending after its authorization was deactivated.',
      rfc: 8555,
      section: '7.1.6',
      breaks: ['order-of-deactivated-authorization'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        if (!succeeded(answer)) return answer;
        const isDeactivation = readSigned(request)?.fields.status === 'deactivated';
        if (isDeactivation && conversation.isFor(request, 'authorization')) {
          conversation.memory.set(conversation.parentOf(request.url) ?? '', true);
        }
        const isOutlived = conversation.isFor(request, 'order') && conversation.memory.has(request.url);
        return isOutlived ? withFields(answer, { status: 'pending' }) : answer;
      },
    },
    {
      name: 'deactivated-authorization-issues',
      describes: 'The CA issues by a valid authorization that was deactivated.',
      rfc: 8555,
      section: '7.5.2',
      breaks: ['deactivated-valid-authorization'],
      async apply(request, forward, conversation) {
        const isDeactivation = readSigned(request)?.fields.status === 'deactivated';
        if (!isDeactivation || !conversation.isFor(request, 'authorization')) return forward(request);
        const known = await conversation.lastGoodAgain(request.url);
        return known !== null && jsonObject(known)?.status === 'valid'
          ? withFields(known, { status: 'deactivated' })
          : forward(request);
      },
    },
  ],
});
