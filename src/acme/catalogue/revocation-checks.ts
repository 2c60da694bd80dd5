import { base64url, calculateJwkThumbprint, exportJWK } from 'jose';
import { errorType, header, inWords, links, succeeded } from '../client/answer.ts';
import type { CertificateKey } from '../client/certificate-request.ts';
import { type Issued, issue, readyOrder } from '../client/issuance.ts';
import { oncePerSession } from '../client/once-per-session.ts';
import type { Account, AcmeSession } from '../client/session.ts';
import type { SigningKey } from '../client/signing-key.ts';
import type { HttpAnswer } from '../client/transport.ts';
import { type CaCheck, expectThat, failed, skipped, warned } from './check.ts';
import { endEntityOf } from './leaf-names.ts';
import { rsaIssuance } from './rsa-issuance.ts';

/** Group 41 of the catalogue: revocation, and what groups 2 and 5 say of its answer. */

const standard = { rfc: 8555, section: '7.6', group: 41, profile: 'standard' } as const;

/** RFC 5280 section 5.3.1: 7 is not used. */
const unusedReason = 7;
const superseded = 4;

/** RFC 8555 section 7.6. */
export async function revoke(
  session: AcmeSession,
  issued: Issued,
  {
    by = issued.order.account,
    reason = superseded,
  }: { readonly by?: Account | SigningKey; readonly reason?: number } = {},
): Promise<HttpAnswer> {
  const certificate = base64url.encode(new Uint8Array(endEntityOf(issued).rawData));
  return session.post({ url: await session.resource('revokeCert'), by, payload: { certificate, reason } });
}

interface Revocations {
  readonly issued: Issued;
  /** By an account that has nothing to do with it. */
  readonly byStranger: HttpAnswer;
  readonly withUnusedReason: HttpAnswer;
  readonly byAccount: HttpAnswer;
  readonly again: HttpAnswer;
}

/** One certificate per run that is revoked by its account, after what must not revoke it. */
export const accountRevocations = oncePerSession((session) => session.shared(makeRevocations(session)));

async function makeRevocations(session: AcmeSession): Promise<Revocations> {
  const issued = await issue(session, { label: 'revoked' });
  return {
    issued,
    byStranger: await revoke(session, issued, { by: await session.stranger() }),
    withUnusedReason: await revoke(session, issued, { reason: unusedReason }),
    byAccount: await revoke(session, issued),
    again: await revoke(session, issued),
  };
}

/** The key of a certificate as one that signs requests; it is RSA. */
async function signingKeyOf({ pair, privateKey }: CertificateKey): Promise<SigningKey> {
  const publicJwk = await exportJWK(pair.publicKey);
  return { algorithm: 'RS256', privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk) };
}

export const revocationChecks: readonly CaCheck[] = [
  {
    ...standard,
    id: 'revocation-by-stranger',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A certificate is not revoked by an account that neither ordered it nor holds its authorizations.',
    async run(session) {
      const { byStranger: answer } = await accountRevocations(session);
      if (succeeded(answer)) return failed(`The CA took it: ${answer.status}.`);
      return expectThat(answer.status < 500, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'bad-revocation-reason',
    level: 'MUST',
    basis: 'keyword',
    asserts: `A reason that there is not (${unusedReason}) is refused as badRevocationReason.`,
    async run(session) {
      const { withUnusedReason: answer, byStranger } = await accountRevocations(session);
      if (succeeded(byStranger)) return skipped('a stranger had revoked the certificate before');
      if (succeeded(answer)) return failed(`The CA took it: ${answer.status}.`);
      return expectThat(errorType(answer) === 'badRevocationReason', `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'revocation-by-account',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'The account that ordered a certificate revokes it, which is answered 200.',
    async run(session) {
      const { byAccount: answer } = await accountRevocations(session);
      if (errorType(answer) === 'alreadyRevoked') return skipped('it was revoked before, by what must not do so');
      return expectThat(answer.status === 200, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'already-revoked',
    level: 'MUST',
    basis: 'statement',
    asserts: 'A certificate that was revoked already is answered 400 alreadyRevoked.',
    async run(session) {
      const { again: answer, byAccount } = await accountRevocations(session);
      if (!succeeded(byAccount) && errorType(byAccount) !== 'alreadyRevoked') {
        return skipped(`the first revocation was refused: ${inWords(byAccount)}`);
      }
      const right = answer.status === 400 && errorType(answer) === 'alreadyRevoked';
      return expectThat(right, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'nonce-on-revocation',
    group: 5,
    section: '6.5',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'The answer to a revocation has a Replay-Nonce.',
    async run(session) {
      const { byAccount: answer } = await accountRevocations(session);
      if (!succeeded(answer)) return skipped(`the revocation was refused: ${inWords(answer)}`);
      const has = header(answer, 'replay-nonce') !== undefined;
      return expectThat(has, `${answer.status} came ${has ? 'with' : 'without'} a Replay-Nonce.`);
    },
  },
  {
    ...standard,
    id: 'index-link-of-revocation',
    group: 2,
    section: '7.1',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'The answer to a revocation has a Link with the relation "index".',
    async run(session) {
      const { byAccount: answer } = await accountRevocations(session);
      if (!succeeded(answer)) return skipped(`the revocation was refused: ${inWords(answer)}`);
      const has = links(answer, 'index').length > 0;
      return expectThat(has, `${answer.status} came ${has ? 'with' : 'without'} it.`);
    },
  },
];

/** Each has a certificate of its own. */
export const otherRevocationChecks: readonly CaCheck[] = [
  {
    ...standard,
    id: 'revocation-by-certificate-key',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A revocation that is signed by the key of the certificate is taken.',
    async run(session) {
      const issued = await rsaIssuance(session);
      const answer = await revoke(session, issued, { by: await signingKeyOf(issued.key) });
      if (errorType(answer) === 'badSignatureAlgorithm') {
        return warned(`The CA certifies RSA keys and does not take their signatures: ${inWords(answer)}.`);
      }
      return expectThat(answer.status === 200, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'revocation-by-holder-of-authorizations',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'Another account that holds authorizations for all names of a certificate revokes it.',
    async run(session) {
      const label = 'revoked-by-holder';
      const issued = await issue(session, { label });
      const holder = await session.anotherAccount();
      await readyOrder(session, { label, account: holder });
      const answer = await revoke(session, issued, { by: holder });
      return expectThat(answer.status === 200, `It was answered ${inWords(answer)}.`);
    },
  },
];
