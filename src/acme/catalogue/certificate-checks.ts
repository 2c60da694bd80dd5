import { X509Certificate } from 'node:crypto';
import { errorType, header, inWords, jsonObject, links, succeeded } from '../client/answer.ts';
import { readAuthorization } from '../client/authorization.ts';
import { certificatesOf, sharedIssuance } from '../client/issuance.ts';
import { oncePerSession } from '../client/once-per-session.ts';
import { type AcmeSession, UnmetNeed } from '../client/session.ts';
import type { HttpAnswer } from '../client/transport.ts';
import { type CaCheck, expectThat, failed, passed, skipped } from './check.ts';
import { isCa } from './leaf-names.ts';

/** Group 39 of the catalogue, and what groups 2, 3, 5 and 25 say of resources that only an issuance brings. */

const standard = { rfc: 8555, profile: 'standard' } as const;
const download = { ...standard, group: 39 } as const;

/** cert-manager takes no longer one. */
const longestChain = 5;
const mostAlternates = 8;

/** RFC 8555 section 9.1: strict PEM (RFC 7468 section 3) and nothing else, not even between the certificates. */
const strictChain =
  /^(?:-----BEGIN CERTIFICATE-----\r?\n(?:[A-Za-z0-9+/]{64}\r?\n)*(?:[A-Za-z0-9+/]{1,64}={0,2}\r?\n)?-----END CERTIFICATE-----(?:\r?\n)*)+$/;

async function chainOf(session: AcmeSession): Promise<readonly X509Certificate[]> {
  const { chain } = await sharedIssuance(session);
  if (chain.length === 0) throw new UnmetNeed('the download had no PEM certificate in it');
  return chain.map(({ rawData }) => new X509Certificate(Buffer.from(rawData)));
}

function certifies(issuer: X509Certificate, subject: X509Certificate): boolean {
  try {
    return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
  } catch {
    // A key of another kind than the signature.
    return false;
  }
}

/** The shared issuance with a challenge of it, read once. */
const issuedResources = oncePerSession(async (session) => {
  const issued = await sharedIssuance(session);
  const { account } = issued.order;
  const authorization = await readAuthorization(session, account, session.authorizationOf(issued.order));
  const url = authorization.challenges[0]?.url;
  if (typeof url !== 'string' || !URL.canParse(url)) throw new UnmetNeed('the challenge has no URL');
  return { issued, challengeUrl: url, challenge: await session.read(account, url) };
});

async function answersOf(session: AcmeSession): Promise<readonly (readonly [string, HttpAnswer])[]> {
  const { issued, challenge } = await issuedResources(session);
  return [
    ['challenge', challenge],
    ['finalize', issued.finalized],
    ['certificate', issued.download],
  ];
}

export const certificateChecks: readonly CaCheck[] = [
  {
    ...download,
    id: 'certificate-by-post-as-get',
    section: '7.4.2',
    level: 'MUST',
    basis: 'statement',
    asserts: 'POST-as-GET of the certificate URL gives the certificate.',
    async run(session) {
      const issued = await sharedIssuance(session);
      const seen = `It was answered ${inWords(issued.download)}, with ${issued.chain.length} certificates.`;
      return expectThat(issued.download.status === 200 && issued.chain.length > 0, seen);
    },
  },
  {
    ...download,
    id: 'certificate-content-type',
    section: '7.4.2',
    level: 'MUST',
    basis: 'statement',
    asserts: 'The certificate comes as application/pem-certificate-chain.',
    async run(session) {
      const type = header((await sharedIssuance(session)).download, 'content-type');
      const right = type?.split(';')[0]?.trim().toLowerCase() === 'application/pem-certificate-chain';
      return expectThat(right, `Content-Type is ${type ?? 'absent'}.`);
    },
  },
  {
    ...download,
    id: 'certificate-is-strict-pem',
    section: '9.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'The chain is strict PEM, without explanatory text.',
    async run(session) {
      const { body } = (await sharedIssuance(session)).download;
      if (strictChain.test(body)) return passed('It is.');
      const around = body.replace(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g, '').trim();
      const what =
        around === '' ? 'its lines are not of 64 characters' : `it has text: ${JSON.stringify(around.slice(0, 80))}`;
      return failed(`It is not: ${what}.`);
    },
  },
  {
    ...download,
    id: 'leaf-comes-first',
    section: '9.1',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'The first certificate of the chain is the end-entity certificate.',
    async run(session) {
      const [first] = (await sharedIssuance(session)).chain;
      if (first === undefined) return failed('There is no certificate.');
      return expectThat(!isCa(first), `The first is ${isCa(first) ? `that of a CA: ${first.subject}` : 'no CA'}.`);
    },
  },
  {
    ...download,
    id: 'chain-is-in-order',
    section: '9.1',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'Each certificate of the chain directly certifies the one before it.',
    async run(session) {
      const chain = await chainOf(session);
      if (chain.length === 1) return skipped('the chain is the leaf alone');
      const wrong = chain.findIndex((one, index) => {
        const next = chain[index + 1];
        return next !== undefined && !certifies(next, one);
      });
      return expectThat(
        wrong < 0,
        wrong < 0 ? `So do all ${chain.length}.` : `Number ${wrong + 2} does not certify number ${wrong + 1}.`,
      );
    },
  },
  {
    ...download,
    id: 'chain-has-the-issuer',
    section: '9.1',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'The chain has the certificate of the issuer, so that a client need not have it.',
    async run(session) {
      const chain = await chainOf(session);
      const leaf = chain.find(({ ca }) => !ca) ?? chain[0];
      const has = chain.some((one) => one !== leaf && leaf !== undefined && certifies(one, leaf));
      const without =
        'It is not there: TLS clients find no way to the root, and ca.crt stays empty (cert-manager issue 4096)';
      return expectThat(has, has ? 'It is there.' : `${without}.`);
    },
  },
  {
    ...download,
    id: 'chain-is-short-enough',
    section: '7.4.2',
    level: 'MAY',
    basis: 'statement',
    asserts: `The chain has at most ${longestChain} certificates: cert-manager takes no longer one.`,
    async run(session) {
      const { length } = await chainOf(session);
      return expectThat(length <= longestChain, `It has ${length}.`);
    },
  },
  {
    ...download,
    id: 'certificate-stays-the-same',
    section: '7.4.2',
    level: 'MUST',
    basis: 'statement',
    asserts: 'A certificate that is downloaded again is the same.',
    async run(session) {
      const { order, certificateUrl, chain } = await sharedIssuance(session);
      const again = certificatesOf((await session.read(order.account, certificateUrl)).body);
      const [one, other] = [chain, again].map((all) => all.map(({ rawData }) => Buffer.from(rawData).toString('hex')));
      const same = one?.join() === other?.join();
      return expectThat(same && again.length > 0, same ? 'It is.' : `It differs, with ${again.length} certificates.`);
    },
  },
  {
    ...download,
    id: 'alternate-chains',
    section: '7.4.2',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'Each Link with the relation "alternate" leads to another chain for the same certificate.',
    async run(session) {
      const { order, certificateUrl, download: answer, chain } = await sharedIssuance(session);
      const alternates = links(answer, 'alternate').slice(0, mostAlternates);
      if (alternates.length === 0) return skipped('the CA offers no alternate chain');
      const leaf = Buffer.from(chain[0]?.rawData ?? new ArrayBuffer(0));
      const wrong: string[] = [];
      for (const target of alternates) {
        const url = URL.parse(target, certificateUrl)?.href;
        const other = url === undefined ? null : await session.read(order.account, url);
        const [first] = other !== null && succeeded(other) ? certificatesOf(other.body) : [];
        if (first === undefined || !Buffer.from(first.rawData).equals(leaf)) {
          wrong.push(`${target} (${other === null ? 'no URL' : inWords(other)})`);
        }
      }
      const known = ' (cert-manager issues 4505 and 4804: its preferredChain is chosen from these)';
      return expectThat(
        wrong.length === 0,
        wrong.length === 0 ? `So do all ${alternates.length}.` : `Not so: ${wrong.join(', ')}${known}.`,
      );
    },
  },
  {
    ...standard,
    id: 'index-link-of-issuance',
    group: 2,
    section: '7.1',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'Challenges, answers to finalize and certificates have a Link with the relation "index" to the directory.',
    async run(session) {
      const directory = new URL(session.options.directoryUrl).href;
      const without = (await answersOf(session)).filter(
        ([, answer]) => !links(answer, 'index').some((target) => URL.parse(target, directory)?.href === directory),
      );
      const names = without.map(([name]) => name).join(', ');
      return expectThat(without.length === 0, without.length === 0 ? 'All have it.' : `Without it: ${names}.`);
    },
  },
  {
    ...standard,
    id: 'get-of-certificate',
    group: 3,
    section: '6.3',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A plain GET of a certificate is answered 405 malformed.',
    async run(session) {
      const answer = await session.get((await sharedIssuance(session)).certificateUrl);
      const right = answer.status === 405 && errorType(answer) === 'malformed';
      return expectThat(right, `GET was answered ${inWords(answer)}${right ? '' : ' instead of 405 malformed'}.`);
    },
  },
  {
    ...standard,
    id: 'nonce-on-issuance',
    group: 5,
    section: '6.5',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'Every successful answer to a POST has a Replay-Nonce: challenge, finalize, certificate.',
    async run(session) {
      const without = (await answersOf(session)).filter(
        ([, answer]) => succeeded(answer) && header(answer, 'replay-nonce') === undefined,
      );
      const names = without.map(([name]) => name).join(', ');
      return expectThat(without.length === 0, without.length === 0 ? 'All have it.' : `Without it: ${names}.`);
    },
  },
  {
    ...standard,
    id: 'certificate-of-another-account',
    group: 25,
    section: '6.3',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'A certificate is not readable by another account.',
    async run(session) {
      const { certificateUrl } = await sharedIssuance(session);
      const answer = await session.read(await session.stranger(), certificateUrl);
      const right = answer.status >= 400 && answer.status < 500;
      return expectThat(right, `To another account it was answered ${inWords(answer)}.`);
    },
  },
  {
    ...standard,
    id: 'unknown-resources',
    group: 25,
    rfc: 9110,
    section: '15.5.5',
    level: 'SHOULD',
    basis: 'statement',
    asserts:
      'URLs of authorizations, challenges and certificates that the CA never gave are answered 404 with a problem document.',
    async run(session) {
      const { issued, challengeUrl } = await issuedResources(session);
      const { order, certificateUrl } = issued;
      const known = [
        ['authorization', session.authorizationOf(order)],
        ['challenge', challengeUrl],
        ['certificate', certificateUrl],
      ] as const;
      const seen: string[] = [];
      for (const [name, url] of known) {
        const answer = await session.read(order.account, `${url}-padlock`);
        if (answer.status !== 404) seen.push(`${name}: ${inWords(answer)}`);
        else if (jsonObject(answer)?.type === undefined) seen.push(`${name}: 404 without a problem document`);
      }
      return expectThat(seen.length === 0, seen.length === 0 ? 'All are.' : `Not so: ${seen.join('; ')}.`);
    },
  },
];
