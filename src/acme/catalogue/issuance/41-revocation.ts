import { calculateJwkThumbprint, exportJWK } from 'jose';
import { errorType, inWords, succeeded } from '../../client/answer.ts';
import type { CertificateKey } from '../../client/certificate-request.ts';
import { issue, readyOrder } from '../../client/issuance.ts';
import type { SigningKey } from '../../client/signing-key.ts';
import { asProblem } from '../../deviations/answer-change.ts';
import { changeAnswers, changeErrors } from '../../deviations/change-answers.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectRefusal, expectThat, failed, skipped, warned } from '../check.ts';
import { group } from '../group.ts';
import { accountRevocations, revoke, unusedReason } from './account-revocations.ts';
import { rsaIssuance } from './rsa-issuance.ts';

const common = { rfc: 8555, section: '7.6', profile: 'standard' } as const;

/** The RSA key of a certificate as a key that signs requests. */
async function signingKeyOf({ pair, privateKey }: CertificateKey): Promise<SigningKey> {
  const publicJwk = await exportJWK(pair.publicKey);
  return { algorithm: 'RS256', privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk) };
}

export const revocation = group(41, 'Revocation', {
  runs: 'revocation',
  checks: [
    // RFC 8555 section 7.6: The server verifies that the signer may revoke this certificate.
    {
      ...common,
      id: 'revocation-by-stranger',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'An account that neither ordered a certificate nor holds its authorizations cannot revoke it.',
      async run(session) {
        const { byStranger: answer } = await accountRevocations(session);
        if (succeeded(answer)) return failed(`The CA accepted it: ${answer.status}.`);
        return expectRefusal(answer);
      },
    },
    // RFC 8555 section 7.6: The error for a reason code that the server does not allow is badRevocationReason.
    {
      ...common,
      id: 'bad-revocation-reason',
      level: 'MUST',
      basis: 'keyword',
      asserts: `The CA refuses an undefined reason code (${unusedReason}) as badRevocationReason.`,
      async run(session) {
        const { withUnusedReason: answer, byStranger, byAccount } = await accountRevocations(session);
        if (succeeded(byStranger)) return skipped('another account has already revoked the certificate');
        if (succeeded(answer)) return failed(`The CA accepted it: ${answer.status}.`);
        const isForReason = errorType(answer) === 'badRevocationReason';
        if (!isForReason && !succeeded(byAccount) && errorType(byAccount) !== 'alreadyRevoked') {
          return skipped(`the CA also refuses a revocation without a reason: ${inWords(byAccount)}`);
        }
        return expectThat(errorType(answer) === 'badRevocationReason', `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.6: The account that ordered a certificate may revoke it.
    {
      ...common,
      id: 'revocation-by-account',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The account that ordered a certificate can revoke it. The answer is 200.',
      async run(session) {
        const { byAccount: answer } = await accountRevocations(session);
        if (errorType(answer) === 'alreadyRevoked')
          return skipped('a request that must not revoke it has already revoked the certificate');
        return expectThat(answer.status === 200, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.6: The error for a second revocation is alreadyRevoked.
    {
      ...common,
      id: 'already-revoked',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The CA answers the revocation of a revoked certificate with 400 alreadyRevoked.',
      async run(session) {
        const { again: answer, byAccount } = await accountRevocations(session);
        if (!succeeded(byAccount) && errorType(byAccount) !== 'alreadyRevoked') {
          return skipped(`the CA refused the first revocation: ${inWords(byAccount)}`);
        }
        const right = answer.status === 400 && errorType(answer) === 'alreadyRevoked';
        return expectThat(right, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.6: Whoever has the private key of a certificate may revoke it.
    {
      ...common,
      id: 'revocation-by-certificate-key',
      runs: 'certificates of their own',
      level: 'MUST',
      basis: 'keyword',
      asserts: "The CA accepts a revocation signed by the certificate's key.",
      async run(session) {
        const issued = await rsaIssuance(session);
        const answer = await revoke(session, issued, { by: await signingKeyOf(issued.key) });
        if (errorType(answer) === 'badSignatureAlgorithm') {
          return warned(`The CA certifies RSA keys but does not accept their signatures: ${inWords(answer)}.`);
        }
        return expectThat(answer.status === 200, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.6: An account with authorizations for all identifiers of a certificate may revoke it.
    {
      ...common,
      id: 'revocation-by-holder-of-authorizations',
      runs: 'certificates of their own',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'Another account that holds authorizations for all names of a certificate can revoke it.',
      async run(session) {
        const label = 'revoked-by-holder';
        const issued = await issue(session, { label });
        const holder = await session.anotherAccount();
        await readyOrder(session, { label, account: holder });
        const answer = await revoke(session, issued, { by: holder });
        return expectThat(answer.status === 200, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
  ],
  deviations: [
    {
      name: 'revocation-by-anyone',
      describes: 'Any account can revoke a certificate.',
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
      describes: 'An undefined reason code is refused as malformed.',
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
      describes: 'The revocation of a revoked certificate is refused as unauthorized.',
      rfc: 8555,
      section: '7.6',
      breaks: ['already-revoked'],
      apply: changeErrors('alreadyRevoked', (answer) => asProblem(answer, 403, 'unauthorized')),
    },
    {
      name: 'revocation-by-certificate-key-refused',
      describes: "A revocation signed by the certificate's key is refused.",
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
      describes: 'Only the account that ordered a certificate can revoke it.',
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
