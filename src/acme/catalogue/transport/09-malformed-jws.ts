import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { base64url } from 'jose';
import { succeeded } from '../../client/answer.ts';
import type { HttpRequest } from '../../client/transport.ts';
import { acceptAnyway, correctRequest } from '../../deviations/accept-anyway.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { readSigned, type SignedRequest } from '../../deviations/signed-request.ts';
import { readOnly, standard } from '../check.ts';
import { group } from '../group.ts';
import { acceptedLookUp, headerFault, lookUp, needsLookUps, refusal } from './look-up.ts';

const knownAlgorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256'];

function isVerified({ header: { alg, jwk }, signature }: SignedRequest, { body }: HttpRequest): boolean {
  const { protected: head, payload } = JSON.parse(body ?? '{}') as { protected?: string; payload?: string };
  const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  return verify(
    alg === 'EdDSA' ? null : 'sha256',
    Buffer.from(`${head}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
}

/** A JWS with its JSON object changed. */
function correctJws(
  change: (jws: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Deviation['apply'] {
  return correctRequest((request) =>
    readSigned(request) === null
      ? request
      : { ...request, body: JSON.stringify(change(JSON.parse(request.body ?? '{}') as Record<string, unknown>)) },
  );
}

export const malformedJws = group(9, 'Malformed JWS', {
  runs: 'protocol',
  checks: [
    // RFC 8555 section 6.2: jwk and kid are mutually exclusive.
    {
      ...standard,
      id: 'jwk-and-kid',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a request with both jwk and kid.',
      async run(session) {
        const account = await session.account();
        const fault = headerFault((one) => ({ ...one, jwk: account.key.publicJwk }));
        const answer = await session.post({ url: account.url, by: account, payload: '', fault });
        return refusal(answer, succeeded(answer));
      },
    },
    // RFC 8555 section 6.2: Requests other than newAccount and some revocations name the account by its kid.
    {
      ...standard,
      id: 'jwk-on-new-order',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses newOrder by jwk, even with the key of an account.',
      async run(session) {
        const {
          account: { key },
        } = await session.order();
        const payload = { identifiers: [{ type: 'dns', value: session.name('by-jwk') }] };
        const answer = await session.post({ url: await session.resource('newOrder'), by: key, payload });
        return refusal(answer, succeeded(answer));
      },
    },
    // RFC 8555 section 6.2: newAccount brings the public key itself, as there is no account to name yet.
    {
      ...standard,
      id: 'kid-on-new-account',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses newAccount by kid.',
      async run(session) {
        const by = await session.account();
        const answer = await session.post({
          url: await session.resource('newAccount'),
          by,
          payload: { onlyReturnExisting: true },
        });
        return refusal(answer, acceptedLookUp(answer));
      },
    },
    // RFC 8555 section 6.2: The signature does not cover an unprotected header, so a JWS must not have one.
    {
      ...readOnly,
      id: 'unprotected-header',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a JWS with an unprotected header.',
      async run(session) {
        await needsLookUps(session);
        const answer = await lookUp(session, { jws: (jws) => ({ ...jws, header: { note: 'unprotected' } }) });
        return refusal(answer, acceptedLookUp(answer));
      },
    },
    // RFC 8555 section 6.2: A JWS is in the flattened serialization, with exactly one signature.
    {
      ...readOnly,
      id: 'several-signatures',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a JWS with two signatures in the general serialization.',
      async run(session) {
        await needsLookUps(session);
        const answer = await lookUp(session, {
          jws: ({ payload, ...one }) => ({ payload, signatures: [one, one] }),
        });
        return refusal(answer, acceptedLookUp(answer));
      },
    },
    // RFC 8555 section 6.2: The server verifies the signature of each JWS before it acts on it.
    {
      ...readOnly,
      id: 'altered-payload',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a JWS whose payload was changed after signing.',
      async run(session) {
        await needsLookUps(session);
        const payload = base64url.encode(JSON.stringify({ onlyReturnExisting: true, altered: true }));
        const answer = await lookUp(session, { jws: (jws) => ({ ...jws, payload }) });
        return refusal(answer, acceptedLookUp(answer));
      },
    },
    // RFC 8555 section 6.2: The unencoded payload option of RFC 7797 must not be used.
    {
      ...readOnly,
      id: 'unencoded-payload',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a correctly signed JWS with an unencoded payload (b64 false, RFC 7797).',
      async run(session) {
        await needsLookUps(session);
        const answer = await lookUp(session, {
          header: (one) => ({ ...one, b64: false, crit: ['b64'] }),
          jws: (jws) => ({ ...jws, payload: JSON.stringify({ onlyReturnExisting: true }) }),
        });
        return refusal(answer, acceptedLookUp(answer));
      },
    },
    // RFC 8555 section 6.2: The payload must not be detached.
    {
      ...readOnly,
      id: 'detached-payload',
      section: '6.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a JWS without its payload (detached, RFC 7515 appendix F).',
      async run(session) {
        await needsLookUps(session);
        const answer = await lookUp(session, { jws: ({ payload: _, ...jws }) => jws });
        return refusal(answer, acceptedLookUp(answer));
      },
    },
    // RFC 8555 section 6.1: base64url in ACME has no trailing "=". The server rejects a value that has one.
    {
      ...readOnly,
      id: 'padded-base64url',
      section: '6.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a base64url signature with trailing "=".',
      async run(session) {
        await needsLookUps(session);
        const answer = await lookUp(session, { jws: (jws) => ({ ...jws, signature: `${jws.signature}==` }) });
        return refusal(answer, acceptedLookUp(answer));
      },
    },
  ],
  deviations: [
    {
      name: 'jwk-and-kid-accepted',
      describes: 'A JWS with both jwk and kid is accepted.',
      rfc: 8555,
      section: '6.2',
      breaks: ['jwk-and-kid'],
      apply: acceptAnyway(({ header: { jwk, kid } }) => jwk !== undefined && kid !== undefined),
    },
    {
      name: 'new-order-by-jwk-accepted',
      describes: 'newOrder accepts the jwk of an account instead of its kid.',
      rfc: 8555,
      section: '6.2',
      breaks: ['jwk-on-new-order'],
      apply: acceptAnyway(
        async ({ header: { jwk, kid } }, request, conversation) =>
          conversation.isFor(request, 'newOrder') &&
          kid === undefined &&
          (await conversation.accountOf(jwk)) !== undefined,
      ),
    },
    {
      name: 'new-account-by-kid-accepted',
      describes: 'newAccount accepts a kid instead of a jwk.',
      rfc: 8555,
      section: '6.2',
      breaks: ['kid-on-new-account'],
      apply: acceptAnyway(
        ({ header: { jwk, kid } }, request, conversation) =>
          conversation.isFor(request, 'newAccount') && kid !== undefined && jwk === undefined,
      ),
    },
    {
      name: 'unprotected-header-accepted',
      describes: 'A JWS with an unprotected header is accepted.',
      rfc: 8555,
      section: '6.2',
      breaks: ['unprotected-header'],
      apply: correctJws(({ header: _, ...jws }) => jws),
    },
    {
      name: 'several-signatures-accepted',
      describes: 'A JWS with several signatures is accepted.',
      rfc: 8555,
      section: '6.2',
      breaks: ['several-signatures'],
      apply: correctJws(({ signatures, ...jws }) =>
        Array.isArray(signatures) ? { ...jws, ...(signatures[0] as Record<string, unknown>) } : jws,
      ),
    },
    {
      name: 'signature-not-verified',
      describes: 'newAccount accepts a signature that does not match the payload.',
      rfc: 8555,
      section: '6.2',
      breaks: ['altered-payload'],
      apply: acceptAnyway(
        (signed, request, conversation) =>
          conversation.isFor(request, 'newAccount') &&
          signed.header.jwk !== undefined &&
          !signed.several &&
          knownAlgorithms.includes(String(signed.header.alg)) &&
          !isVerified(signed, request),
      ),
    },
    {
      name: 'unencoded-payload-accepted',
      describes: 'A JWS with an unencoded payload is accepted.',
      rfc: 8555,
      section: '6.2',
      breaks: ['unencoded-payload'],
      apply: acceptAnyway(({ header: { b64 } }) => b64 === false),
    },
    {
      name: 'detached-payload-accepted',
      describes: 'A JWS without its payload is treated as a look-up.',
      rfc: 8555,
      section: '6.2',
      breaks: ['detached-payload'],
      async apply(request, forward, conversation) {
        const isDetached = request.body !== undefined && !request.body.includes('"payload"');
        return isDetached && conversation.isFor(request, 'newAccount')
          ? conversation.problem(400, 'accountDoesNotExist', 'there is no account of this key')
          : forward(request);
      },
    },
    {
      name: 'padded-base64url-accepted',
      describes: 'A signature in base64url with padding is accepted.',
      rfc: 8555,
      section: '6.1',
      breaks: ['padded-base64url'],
      apply: correctJws((jws) =>
        typeof jws.signature === 'string' ? { ...jws, signature: jws.signature.replace(/=+$/, '') } : jws,
      ),
    },
  ],
});
