import { errorType, inWords, jsonObject, succeeded } from '../client/answer.ts';
import { readAuthorization } from '../client/authorization.ts';
import { createCertificateKey, createCertificateRequest } from '../client/certificate-request.ts';
import { collect, finalize, readyOrder, sharedIssuance } from '../client/issuance.ts';
import { UnmetNeed } from '../client/session.ts';
import { type CaCheck, expectThat, failed, passed, skipped } from './check.ts';

/** Groups 16, 26 and 27 of the catalogue: what a valid authorization is good for, and when it no longer is. */

const standard = { rfc: 8555, profile: 'standard' } as const;

export const validAuthorizationChecks: readonly CaCheck[] = [
  {
    ...standard,
    id: 'reused-authorization-makes-ready',
    group: 26,
    section: '7.1.6',
    level: 'MUST',
    basis: 'statement',
    asserts: 'An order whose authorizations are valid already, as the CA reuses them, is ready at once.',
    async run(session) {
      const { names, order: before } = await sharedIssuance(session);
      const { account } = before;
      const identifiers = names.map((value) => ({ type: 'dns', value }));
      const order = await session.orderOf(account, { identifiers });
      const { object } = await readAuthorization(session, account, session.authorizationOf(order));
      if (object.status !== 'valid') {
        return skipped(`the CA does not reuse authorizations: the new one is ${JSON.stringify(object.status ?? null)}`);
      }
      const status = jsonObject(order.answer)?.status;
      const known = ' (cert-manager issue 4874: it reads a pending order again, and finds no challenge to solve)';
      return expectThat(
        status === 'ready',
        `The authorization is valid, and the order ${JSON.stringify(status ?? null)}${status === 'ready' ? '' : known}.`,
      );
    },
  },
  {
    ...standard,
    id: 'valid-authorization-expires',
    group: 26,
    section: '7.1.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A valid authorization has the field expires, a date that is to come.',
    async run(session) {
      const { order } = await sharedIssuance(session);
      const { object } = await readAuthorization(session, order.account, session.authorizationOf(order));
      if (object.status !== 'valid') return skipped(`the authorization is ${JSON.stringify(object.status ?? null)}`);
      const right = typeof object.expires === 'string' && Date.parse(object.expires) > Date.now();
      return expectThat(right, `expires is ${JSON.stringify(object.expires ?? null)}.`);
    },
  },
  {
    ...standard,
    id: 'deactivated-valid-authorization',
    group: 27,
    section: '7.5.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A valid authorization that was deactivated does not suffice to issue.',
    async run(session) {
      const label = 'deactivated-valid';
      const order = await readyOrder(session, { label });
      const gone = await session.deactivateAuthorization(order.account, session.authorizationOf(order));
      if (!succeeded(gone)) return skipped(`the CA does not deactivate a valid authorization: ${inWords(gone)}`);
      const names = [session.name(label)];
      const key = await createCertificateKey();
      const csr = await createCertificateRequest(key, { names });
      const finalized = await finalize(session, order, csr);
      if (!succeeded(finalized)) {
        return expectThat(finalized.status < 500, `finalize was answered ${inWords(finalized)}.`);
      }
      try {
        await collect(session, { order, names, key, csr, finalized });
      } catch (error) {
        if (error instanceof UnmetNeed) return passed(`finalize was taken, and nothing was issued: ${error.message}.`);
        throw error;
      }
      return failed('The CA issued a certificate.');
    },
  },
  {
    ...standard,
    id: 'orders-of-deactivated-account',
    group: 16,
    section: '7.3.6',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A deactivated account can neither read its order and authorization nor make an order: 401 unauthorized.',
    async run(session) {
      const account = await session.anotherAccount();
      const order = await session.anotherOrder(account, 'of-deactivated-account');
      const gone = await session.deactivate(account);
      if (!succeeded(gone)) return skipped(`the CA did not deactivate the account: ${inWords(gone)}`);
      const identifiers = [{ type: 'dns', value: session.name('by-deactivated-account') }];
      const answers = [
        ['order', await session.read(account, order.url)],
        ['authorization', await session.read(account, session.authorizationOf(order))],
        ['newOrder', await session.newOrder(account, { identifiers })],
      ] as const;
      const others = answers.filter(([, answer]) => answer.status !== 401 || errorType(answer) !== 'unauthorized');
      const seen = others.map(([name, answer]) => `${name}: ${inWords(answer)}`).join('; ');
      return expectThat(others.length === 0, others.length === 0 ? 'All are answered 401.' : `Not so: ${seen}.`);
    },
  },
];
