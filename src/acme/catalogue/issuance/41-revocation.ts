import { calculateJwkThumbprint, exportJWK } from 'jose';
import { errorType, inWords, succeeded } from '../../client/answer.ts';
import type { CertificateKey } from '../../client/certificate-request.ts';
import { issue, readyOrder } from '../../client/issuance.ts';
import type { SigningKey } from '../../client/signing-key.ts';
import { asProblem } from '../../deviations/answer-change.ts';
import { changeAnswers, changeErrors } from '../../deviations/change-answers.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, failed, skipped, warned } from '../check.ts';
import { group } from '../group.ts';
import { accountRevocations, revoke, unusedReason } from './account-revocations.ts';
import { rsaIssuance } from './rsa-issuance.ts';

const common = { rfc: 8555, section: '7.6', profile: 'standard' } as const;

/** The key of a certificate as one that signs requests; it is RSA. */
async function signingKeyOf({ pair, privateKey }: CertificateKey): Promise<SigningKey> {
  const publicJwk = await exportJWK(pair.publicKey);
  return { algorithm: 'RS256', privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk) };
}

export const revocation = group(41, 'Revocation', {
  runs: 'revocation',
  checks: [
    {
      ...common,
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
      ...common,
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
      ...common,
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
      ...common,
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
      ...common,
      id: 'revocation-by-certificate-key',
      runs: 'certificates of their own',
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
      ...common,
      id: 'revocation-by-holder-of-authorizations',
      runs: 'certificates of their own',
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
  ],
  deviations: [
    {
      name: 'revocation-by-anyone',
      describes: 'A certificate is revoked by any account.',
      rfc: 8555,
      section: '7.6',
      breaks: ['revocation-by-stranger'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        const isForeign = conversation.isFor(request, 'revokeCert') && errorType(answer) === 'unauthorized';
        return isForeign ? conversation.answer(200, {}) : answer;
      },
    },
    {
      name: 'bad-revocation-reason-is-malformed',
      describes: 'A reason that there is not is refused as malformed.',
      rfc: 8555,
      section: '7.6',
      breaks: ['bad-revocation-reason'],
      apply: changeErrors('badRevocationReason', (answer) => asProblem(answer, 400, 'malformed')),
    },
    {
      name: 'revocation-answered-202',
      describes: 'A revocation by an account is answered 202.',
      rfc: 8555,
      section: '7.6',
      breaks: ['revocation-by-account', 'revocation-by-holder-of-authorizations'],
      apply: changeAnswers(['revokeCert'], (answer, request) =>
        readSigned(request)?.header.kid === undefined ? answer : { ...answer, status: 202 },
      ),
    },
    {
      name: 'already-revoked-is-unauthorized',
      describes: 'The revocation of a certificate that was revoked already is refused as unauthorized.',
      rfc: 8555,
      section: '7.6',
      breaks: ['already-revoked'],
      apply: changeErrors('alreadyRevoked', (answer) => asProblem(answer, 403, 'unauthorized')),
    },
    {
      name: 'revocation-by-certificate-key-refused',
      describes: 'A revocation that is signed by the key of the certificate is refused.',
      rfc: 8555,
      section: '7.6',
      breaks: ['revocation-by-certificate-key'],
      async apply(request, forward, conversation) {
        const isByKey = conversation.isFor(request, 'revokeCert') && readSigned(request)?.header.jwk !== undefined;
        return isByKey ? conversation.problem(403, 'unauthorized', 'accounts only') : forward(request);
      },
    },
    {
      name: 'revocation-by-orderer-only',
      describes: 'Only the account that ordered a certificate may revoke it.',
      rfc: 8555,
      section: '7.6',
      breaks: ['revocation-by-holder-of-authorizations'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        if (!succeeded(answer)) return answer;
        const { header: { kid } = {}, fields = {} } = readSigned(request) ?? {};
        const [leaf] = answer.body.split(/-----(?:BEGIN|END) CERTIFICATE-----/).slice(1, 2);
        if (conversation.isFor(request, 'certificate') && leaf !== undefined) {
          conversation.memory.set(Buffer.from(leaf, 'base64').toString('base64url'), kid);
        }
        const owner = conversation.memory.get(String(fields.certificate));
        const isForeign = conversation.isFor(request, 'revokeCert') && kid !== undefined && kid !== owner;
        return isForeign ? asProblem(answer, 403, 'unauthorized') : answer;
      },
    },
  ],
});
