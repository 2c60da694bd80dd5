import { base64url } from 'jose';
import { errorType, header, inWords, jsonObject, links, retryAfterSeconds, succeeded } from '../client/answer.ts';
import { oncePerSession } from '../client/once-per-session.ts';
import { type AcmeSession, type PostOptions, UnmetNeed } from '../client/session.ts';
import { inventedNonce, type SigningKey } from '../client/signing-key.ts';
import type { HttpAnswer } from '../client/transport.ts';
import { type CaCheck, expectThat, type Finding, failed, passed, skipped, warned } from './check.ts';

/** Groups 1 to 11 of the catalogue: directory, GET and POST-as-GET, nonces, JWS. */

const readOnly = { rfc: 8555, profile: 'read-only' } as const;
const standard = { rfc: 8555, profile: 'standard' } as const;

const resourceNames = ['newNonce', 'newAccount', 'newOrder', 'revokeCert', 'keyChange'] as const;

/**
 * Looks up an account that does not exist (RFC 8555 section 7.3.1), with a fault: a CA that does not notice the fault
 * answers accountDoesNotExist, and nothing is made either way.
 */
async function lookUp(session: AcmeSession, fault?: PostOptions['fault'], key?: SigningKey): Promise<HttpAnswer> {
  const by = key ?? (await session.key('look-up'));
  return session.newAccount(by, { onlyReturnExisting: true }, fault);
}

/** Whether the CA took a look-up for a good one. */
function tookLookUp(answer: HttpAnswer): boolean {
  return succeeded(answer) || errorType(answer) === 'accountDoesNotExist';
}

/** Once per run: a look-up as it should be. */
const honestLookUp = oncePerSession((session) => lookUp(session));

/**
 * The same request without the fault: where a CA refuses even that, its refusal of the fault proves nothing.
 * @throws UnmetNeed where it is refused
 */
async function needsLookUps(session: AcmeSession): Promise<void> {
  const answer = await honestLookUp(session);
  if (!tookLookUp(answer)) throw new UnmetNeed(`a look-up without a fault is refused, too: ${inWords(answer)}`);
}

/** A fault must be refused by the client's error, not by breaking down. */
function refusal(answer: HttpAnswer, took: boolean): Finding {
  if (took) return failed(`The CA did not notice: ${inWords(answer)}.`);
  return expectThat(answer.status >= 400 && answer.status < 500, `The CA answered ${inWords(answer)}.`);
}

function isBadNonce(answer: HttpAnswer): Finding {
  const right = answer.status === 400 && errorType(answer) === 'badNonce';
  return expectThat(right, `The CA answered ${inWords(answer)}${right ? '' : ' instead of 400 badNonce'}.`);
}

function isBadAlgorithm(answer: HttpAnswer): Finding {
  const right = answer.status === 400 && errorType(answer) === 'badSignatureAlgorithm';
  const wanted = ' instead of 400 badSignatureAlgorithm';
  return expectThat(right, `The CA answered ${inWords(answer)}${right ? '' : wanted}.`);
}

function methodNotAllowed(answer: HttpAnswer): Finding {
  const right = answer.status === 405 && errorType(answer) === 'malformed';
  return expectThat(right, `GET was answered ${inWords(answer)}${right ? '' : ' instead of 405 malformed'}.`);
}

async function replayedNonce(session: AcmeSession): Promise<HttpAnswer> {
  // The first use must be accepted, else the second proves nothing: the CA may refuse good nonces on purpose.
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const nonce = await session.nonce();
    const first = await lookUp(session, { nonce });
    if (tookLookUp(first)) return lookUp(session, { nonce });
    if (errorType(first) !== 'badNonce') throw new UnmetNeed(`a look-up without a fault is refused: ${inWords(first)}`);
  }
  throw new UnmetNeed('the CA took none of ten nonces at their first use, so that a second one proves nothing');
}

/** A fault of the protected header alone. */
function withHeader(change: (header: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>) {
  return { header: change } as const;
}

export const transportChecks: readonly CaCheck[] = [
  {
    ...readOnly,
    id: 'directory-is-served',
    group: 1,
    section: '7.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'GET of the directory gives a JSON object that names newNonce.',
    async run(session) {
      const answer = await session.directoryAnswer();
      const url = jsonObject(answer)?.newNonce;
      const right = answer.status === 200 && typeof url === 'string' && URL.canParse(url);
      return expectThat(
        right,
        `The directory was answered ${answer.status}, newNonce is ${JSON.stringify(url ?? null)}.`,
      );
    },
  },
  {
    ...readOnly,
    id: 'directory-names-every-resource',
    group: 1,
    section: '7.1.1',
    level: 'SHOULD',
    basis: 'statement',
    asserts: `The directory has the URLs of ${resourceNames.join(', ')}.`,
    async run(session) {
      const directory = jsonObject(await session.directoryAnswer());
      const missing = resourceNames.filter((name) => {
        const url = directory?.[name];
        return typeof url !== 'string' || !URL.canParse(url);
      });
      return expectThat(
        missing.length === 0,
        missing.length === 0 ? 'All are there.' : `Missing: ${missing.join(', ')}.`,
      );
    },
  },
  {
    ...readOnly,
    id: 'directory-urls-are-https',
    group: 1,
    section: '6.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'Every URL of the directory is https.',
    async run(session) {
      if (!session.options.directoryUrl.startsWith('https:'))
        return skipped('the directory itself is plain http, on loopback');
      const directory = jsonObject(await session.directoryAnswer()) ?? {};
      const plain = Object.entries(directory).filter(([, url]) => typeof url === 'string' && url.startsWith('http:'));
      return expectThat(
        plain.length === 0,
        plain.length === 0 ? 'All are.' : `Not https: ${plain.map(([name]) => name).join(', ')}.`,
      );
    },
  },
  {
    ...readOnly,
    id: 'directory-meta-is-an-object',
    group: 1,
    section: '7.1.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'The field meta of the directory, where there is one, is a JSON object.',
    async run(session) {
      const directory = jsonObject(await session.directoryAnswer());
      if (directory?.meta === undefined) return skipped('the directory has no meta');
      const right = typeof directory.meta === 'object' && directory.meta !== null && !Array.isArray(directory.meta);
      return expectThat(right, right ? 'It is.' : `It is ${JSON.stringify(directory.meta)}.`);
    },
  },
  {
    ...standard,
    id: 'directory-by-post-as-get',
    group: 1,
    section: '6.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'POST-as-GET gives the directory, too.',
    async run(session) {
      const answer = await session.read(await session.account(), session.options.directoryUrl);
      const right = answer.status === 200 && jsonObject(answer)?.newNonce !== undefined;
      return expectThat(right, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'new-nonce-by-post-as-get',
    group: 1,
    section: '6.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'POST-as-GET of newNonce gives a nonce, as GET does.',
    async run(session) {
      const answer = await session.read(await session.account(), await session.resource('newNonce'));
      const right = succeeded(answer) && header(answer, 'replay-nonce') !== undefined;
      return expectThat(right, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'index-link',
    group: 2,
    section: '7.1',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'Every resource but the directory has a Link with the relation "index" to the directory.',
    async run(session) {
      const account = await session.account();
      const order = await session.order();
      const answers: readonly (readonly [string, HttpAnswer])[] = [
        ['newNonce', await session.get(await session.resource('newNonce'), 'HEAD')],
        ['newAccount', account.answer],
        ['newOrder', order.answer],
        ['order', await session.read(account, order.url)],
        ['authorization', await session.read(account, session.authorizationOf(order))],
      ];
      const without = answers.filter(([, answer]) => {
        const targets = links(answer, 'index');
        return !targets.some(
          (target) =>
            URL.parse(target, session.options.directoryUrl)?.href === new URL(session.options.directoryUrl).href,
        );
      });
      const names = without.map(([name]) => name).join(', ');
      return expectThat(without.length === 0, without.length === 0 ? 'All have it.' : `Without it: ${names}.`);
    },
  },
  {
    ...standard,
    id: 'get-of-order',
    group: 3,
    section: '6.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A plain GET of an order is answered 405 malformed.',
    run: async (session) => methodNotAllowed(await session.get((await session.order()).url)),
  },
  {
    ...standard,
    id: 'get-of-authorization',
    group: 3,
    section: '6.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A plain GET of an authorization is answered 405 malformed.',
    run: async (session) => methodNotAllowed(await session.get(session.authorizationOf(await session.order()))),
  },
  {
    ...readOnly,
    id: 'content-type',
    group: 3,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A JWS sent as application/json is answered 415.',
    async run(session) {
      const answer = await lookUp(session, { contentType: 'application/json' });
      return expectThat(answer.status === 415, `It was answered ${inWords(answer)}.`);
    },
  },
  {
    ...readOnly,
    id: 'new-nonce-head',
    group: 4,
    section: '7.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'HEAD of newNonce gives a Replay-Nonce.',
    async run(session) {
      const answer = await session.get(await session.resource('newNonce'), 'HEAD');
      return expectThat(
        header(answer, 'replay-nonce') !== undefined,
        `It was answered ${answer.status}, ${nonceInWords(answer)}.`,
      );
    },
  },
  {
    ...readOnly,
    id: 'new-nonce-head-status',
    group: 4,
    section: '7.2',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'HEAD of newNonce is answered 200.',
    async run(session) {
      const answer = await session.get(await session.resource('newNonce'), 'HEAD');
      return expectThat(answer.status === 200, `It was answered ${answer.status}.`);
    },
  },
  {
    ...readOnly,
    id: 'new-nonce-get',
    group: 4,
    section: '7.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'GET of newNonce is answered 204 with a Replay-Nonce and no body.',
    async run(session) {
      const answer = await session.get(await session.resource('newNonce'));
      const right = answer.status === 204 && header(answer, 'replay-nonce') !== undefined && answer.body === '';
      return expectThat(
        right,
        `It was answered ${answer.status}, ${nonceInWords(answer)}, ${answer.body.length} characters.`,
      );
    },
  },
  {
    ...readOnly,
    id: 'new-nonce-is-not-stored',
    group: 4,
    section: '7.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'The answers of newNonce to HEAD and GET have Cache-Control with no-store.',
    async run(session) {
      const url = await session.resource('newNonce');
      const values = [];
      for (const method of ['HEAD', 'GET'] as const) {
        values.push((await session.get(url, method)).headers['cache-control']?.join(', ') ?? '');
      }
      const right = values.every((value) => /(^|[\s,])no-store($|[\s,])/i.test(value));
      return expectThat(right, `Cache-Control is ${values.map((value) => JSON.stringify(value)).join(' and ')}.`);
    },
  },
  {
    ...standard,
    id: 'nonce-on-success',
    group: 5,
    section: '6.5',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'Every successful answer to a POST has a Replay-Nonce: newAccount, newOrder, order, authorization.',
    async run(session) {
      const account = await session.account();
      const order = await session.order();
      const answers: readonly (readonly [string, HttpAnswer])[] = [
        ['newAccount', account.answer],
        ['newOrder', order.answer],
        ['order', await session.read(account, order.url)],
        ['authorization', await session.read(account, session.authorizationOf(order))],
      ];
      const without = answers.filter(([, answer]) => succeeded(answer) && header(answer, 'replay-nonce') === undefined);
      const names = without.map(([name]) => name).join(', ');
      return expectThat(without.length === 0, without.length === 0 ? 'All have it.' : `Without it: ${names}.`);
    },
  },
  {
    ...readOnly,
    id: 'nonce-on-error',
    group: 5,
    section: '6.5',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'An error answer to a POST has a Replay-Nonce, too.',
    async run(session) {
      const answer = await lookUp(session);
      if (succeeded(answer)) return skipped(`the look-up of an unknown account was no error: ${answer.status}`);
      return expectThat(header(answer, 'replay-nonce') !== undefined, `${inWords(answer)}: ${nonceInWords(answer)}.`);
    },
  },
  {
    ...readOnly,
    id: 'nonces-are-base64url',
    group: 5,
    section: '6.5.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'Every Replay-Nonce is base64url without padding.',
    async run(session) {
      await session.get(await session.resource('newNonce'), 'HEAD');
      const wrong = session.nonces.filter((nonce) => !/^[A-Za-z0-9_-]+$/.test(nonce));
      return expectThat(wrong.length === 0, `${session.nonces.length - wrong.length} of ${session.nonces.length} are.`);
    },
  },
  {
    ...readOnly,
    id: 'nonces-are-unique',
    group: 5,
    section: '6.5.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'No Replay-Nonce comes twice.',
    async run(session) {
      const url = await session.resource('newNonce');
      for (let count = 1; count <= 3; count += 1) await session.get(url, 'HEAD');
      const different = new Set(session.nonces).size;
      return expectThat(
        different === session.nonces.length,
        `${session.nonces.length} nonces, ${different} different ones.`,
      );
    },
  },
  {
    ...readOnly,
    id: 'replayed-nonce',
    group: 6,
    section: '6.5',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A nonce that was used is refused with 400 badNonce.',
    run: async (session) => isBadNonce(await replayedNonce(session)),
  },
  {
    ...readOnly,
    id: 'invented-nonce',
    group: 6,
    section: '6.5',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A nonce that the CA never issued is refused with 400 badNonce.',
    run: async (session) => isBadNonce(await lookUp(session, { nonce: inventedNonce() })),
  },
  {
    ...readOnly,
    id: 'absent-nonce',
    group: 6,
    section: '6.5',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A request without a nonce is refused with 400 badNonce.',
    run: async (session) => isBadNonce(await lookUp(session, { nonce: null })),
  },
  {
    ...readOnly,
    id: 'ill-encoded-nonce',
    group: 6,
    section: '6.5.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A nonce that is not base64url is refused as malformed.',
    async run(session) {
      const answer = await lookUp(session, { nonce: 'not/base64url!' });
      return expectThat(errorType(answer) === 'malformed', `The CA answered ${inWords(answer)}.`);
    },
  },
  {
    ...readOnly,
    id: 'bad-nonce-brings-a-good-one',
    group: 6,
    section: '6.5',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'The nonce that comes with badNonce is accepted when the request is sent again.',
    async run(session) {
      const refused = await lookUp(session, { nonce: inventedNonce() });
      if (errorType(refused) !== 'badNonce') return skipped(`no badNonce to answer to: ${inWords(refused)}`);
      let nonce = header(refused, 'replay-nonce');
      if (nonce === undefined) return failed('The badNonce answer has no Replay-Nonce.');
      // Some CAs refuse good nonces by chance, to exercise clients.
      for (let attempt = 1; attempt <= 10 && nonce !== undefined; attempt += 1) {
        const again = await lookUp(session, { nonce });
        if (errorType(again) !== 'badNonce') {
          const seen = `Try ${attempt + 1} was answered ${inWords(again)}.`;
          return attempt > 1 && tookLookUp(again) ? warned(seen) : expectThat(tookLookUp(again), seen);
        }
        nonce = header(again, 'replay-nonce');
      }
      return failed('No nonce that came with badNonce was accepted.');
    },
  },
  {
    ...readOnly,
    id: 'alg-none',
    group: 7,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A JWS with alg none is refused with 400 badSignatureAlgorithm.',
    run: async (session) =>
      isBadAlgorithm(
        await lookUp(
          session,
          withHeader((one) => ({ ...one, alg: 'none' })),
        ),
      ),
  },
  {
    ...readOnly,
    id: 'alg-hmac',
    group: 7,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A JWS with a MAC (HS256, the public key as the secret) is refused with 400 badSignatureAlgorithm.',
    run: async (session) =>
      isBadAlgorithm(
        await lookUp(
          session,
          withHeader((one) => ({ ...one, alg: 'HS256' })),
        ),
      ),
  },
  {
    ...readOnly,
    id: 'alg-unknown',
    group: 7,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A JWS with an algorithm that no CA knows is refused with 400 badSignatureAlgorithm.',
    run: async (session) =>
      isBadAlgorithm(
        await lookUp(
          session,
          withHeader((one) => ({ ...one, alg: 'X-UNKNOWN' })),
        ),
      ),
  },
  {
    ...readOnly,
    id: 'algorithms-are-listed',
    group: 7,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts:
      'The problem document of badSignatureAlgorithm lists the supported ones in "algorithms", ES256 among them.',
    async run(session) {
      const answer = await lookUp(
        session,
        withHeader((one) => ({ ...one, alg: 'X-UNKNOWN' })),
      );
      if (errorType(answer) !== 'badSignatureAlgorithm')
        return skipped(`no badSignatureAlgorithm to look at: ${inWords(answer)}`);
      const algorithms = jsonObject(answer)?.algorithms;
      const right = Array.isArray(algorithms) && algorithms.includes('ES256');
      return expectThat(right, `"algorithms" is ${JSON.stringify(algorithms ?? null)}.`);
    },
  },
  algorithmCheck('ES256', 'MUST', 'keyword', 'A JWS by ES256 is understood.'),
  algorithmCheck('EdDSA', 'SHOULD', 'keyword', 'A JWS by EdDSA with Ed25519 is understood.'),
  algorithmCheck('RS256', 'MAY', 'statement', 'A JWS by RS256 is understood: account keys of cert-manager are RSA.'),
  {
    ...standard,
    id: 'jwk-and-kid',
    group: 9,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A request with both jwk and kid is refused.',
    async run(session) {
      const account = await session.account();
      const fault = withHeader((one) => ({ ...one, jwk: account.key.publicJwk }));
      const answer = await session.post({ url: account.url, by: account, payload: '', fault });
      return refusal(answer, succeeded(answer));
    },
  },
  {
    ...standard,
    id: 'jwk-on-new-order',
    group: 9,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'newOrder by jwk, with the key of an account, is refused: it needs a kid.',
    async run(session) {
      const {
        account: { key },
      } = await session.order();
      const payload = { identifiers: [{ type: 'dns', value: session.name('by-jwk') }] };
      const answer = await session.post({ url: await session.resource('newOrder'), by: key, payload });
      return refusal(answer, succeeded(answer));
    },
  },
  {
    ...standard,
    id: 'kid-on-new-account',
    group: 9,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'newAccount by kid is refused: it needs a jwk.',
    async run(session) {
      const by = await session.account();
      const answer = await session.post({
        url: await session.resource('newAccount'),
        by,
        payload: { onlyReturnExisting: true },
      });
      return refusal(answer, tookLookUp(answer));
    },
  },
  {
    ...readOnly,
    id: 'unprotected-header',
    group: 9,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A JWS with an unprotected header is refused.',
    async run(session) {
      await needsLookUps(session);
      const answer = await lookUp(session, { jws: (jws) => ({ ...jws, header: { note: 'unprotected' } }) });
      return refusal(answer, tookLookUp(answer));
    },
  },
  {
    ...readOnly,
    id: 'several-signatures',
    group: 9,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A JWS in the general serialization with two signatures is refused.',
    async run(session) {
      await needsLookUps(session);
      const answer = await lookUp(session, {
        jws: ({ payload, ...one }) => ({ payload, signatures: [one, one] }),
      });
      return refusal(answer, tookLookUp(answer));
    },
  },
  {
    ...readOnly,
    id: 'altered-payload',
    group: 9,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A JWS whose payload was changed after it was signed is refused.',
    async run(session) {
      await needsLookUps(session);
      const payload = base64url.encode(JSON.stringify({ onlyReturnExisting: true, altered: true }));
      const answer = await lookUp(session, { jws: (jws) => ({ ...jws, payload }) });
      return refusal(answer, tookLookUp(answer));
    },
  },
  {
    ...readOnly,
    id: 'unencoded-payload',
    group: 9,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A JWS whose payload is not encoded (b64 false, RFC 7797) is refused, though its signature is right.',
    async run(session) {
      await needsLookUps(session);
      const answer = await lookUp(session, {
        header: (one) => ({ ...one, b64: false, crit: ['b64'] }),
        jws: (jws) => ({ ...jws, payload: JSON.stringify({ onlyReturnExisting: true }) }),
      });
      return refusal(answer, tookLookUp(answer));
    },
  },
  {
    ...readOnly,
    id: 'detached-payload',
    group: 9,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A JWS without its payload (detached, RFC 7515 appendix F) is refused.',
    async run(session) {
      await needsLookUps(session);
      const answer = await lookUp(session, { jws: ({ payload: _, ...jws }) => jws });
      return refusal(answer, tookLookUp(answer));
    },
  },
  {
    ...readOnly,
    id: 'padded-base64url',
    group: 9,
    section: '6.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A signature in base64url with trailing "=" is refused.',
    async run(session) {
      await needsLookUps(session);
      const answer = await lookUp(session, { jws: (jws) => ({ ...jws, signature: `${jws.signature}==` }) });
      return refusal(answer, tookLookUp(answer));
    },
  },
  {
    ...readOnly,
    id: 'foreign-url',
    group: 10,
    section: '6.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A JWS whose url is not that of the request is refused as unauthorized.',
    async run(session) {
      await needsLookUps(session);
      const url = await session.resource('newOrder');
      const answer = await lookUp(
        session,
        withHeader((one) => ({ ...one, url })),
      );
      if (tookLookUp(answer)) return failed(`The CA did not notice: ${inWords(answer)}.`);
      return expectThat(errorType(answer) === 'unauthorized', `The CA answered ${inWords(answer)}.`);
    },
  },
  {
    ...readOnly,
    id: 'absent-url',
    group: 10,
    section: '6.4.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A JWS without a url in its protected header is refused.',
    async run(session) {
      await needsLookUps(session);
      const answer = await lookUp(
        session,
        withHeader(({ url: _, ...one }) => one),
      );
      return refusal(answer, tookLookUp(answer));
    },
  },
  {
    ...readOnly,
    id: 'unacceptable-key',
    group: 11,
    section: '6.2',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A key that the CA does not take (RSA with 1024 bits) is refused with 400 badPublicKey.',
    async run(session) {
      const answer = await lookUp(session, undefined, await session.key('RSA 1024', 'RS256', 1024));
      if (tookLookUp(answer)) return warned('The CA took a look-up by an RSA key of 1024 bits for a good one.');
      if (errorType(answer) === 'badSignatureAlgorithm') return skipped('the CA does not know RS256');
      const right = answer.status === 400 && errorType(answer) === 'badPublicKey';
      return expectThat(right, `The CA answered ${inWords(answer)}.`);
    },
  },
  {
    ...readOnly,
    id: 'retry-after-is-understandable',
    group: 43,
    section: '6.6',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'Where the CA answered rateLimited, Retry-After says when to come back.',
    async run(session) {
      const limited = session.exchanges.filter(({ body }) => body.includes('urn:ietf:params:acme:error:rateLimited'));
      if (limited.length === 0) return skipped('no rate limit was met');
      const without = limited.filter(({ headers }) => retryAfterSeconds({ status: 429, headers, body: '' }) === null);
      return expectThat(
        without.length === 0,
        `${limited.length - without.length} of ${limited.length} answers have it.`,
      );
    },
  },
];

function algorithmCheck(
  algorithm: 'ES256' | 'EdDSA' | 'RS256',
  level: CaCheck['level'],
  basis: CaCheck['basis'],
  asserts: string,
): CaCheck {
  return {
    ...readOnly,
    id: `alg-${algorithm.toLowerCase()}`,
    group: 8,
    section: '6.2',
    level,
    basis,
    asserts,
    async run(session) {
      const answer = await lookUp(session, undefined, await session.key(algorithm, algorithm));
      return tookLookUp(answer)
        ? passed(`A look-up signed by it was answered ${inWords(answer)}.`)
        : failed(`A look-up signed by it was answered ${inWords(answer)}.`);
    },
  };
}

function nonceInWords(answer: HttpAnswer): string {
  return header(answer, 'replay-nonce') === undefined ? 'without a Replay-Nonce' : 'with a Replay-Nonce';
}
