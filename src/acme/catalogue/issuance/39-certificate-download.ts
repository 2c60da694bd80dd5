import { X509Certificate } from 'node:crypto';
import { header, inWords, links, succeeded } from '../../client/answer.ts';
import { isCa } from '../../client/certificate-subject.ts';
import { certificatesOf, sharedIssuance } from '../../client/issuance.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { withHeader } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { reissueCertificates } from '../../deviations/reissued-certificate.ts';
import { expectThat, failed, passed, skipped, standard } from '../check.ts';
import { group } from '../group.ts';

/** cert-manager accepts no longer chain. */
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
    // The key does not fit the signature algorithm.
    return false;
  }
}

/** Changes the PEM of a download. */
function changeChain(change: (certificates: readonly string[]) => readonly string[]): Deviation['apply'] {
  return changeAnswers(['certificate'], (answer) => {
    const certificates = answer.body.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g) ?? [];
    return { ...answer, body: change(certificates).join('') };
  });
}

export const certificateDownload = group(39, 'Certificate download', {
  runs: 'issuance',
  checks: [
    // RFC 8555 section 7.4.2: A client downloads the certificate by POST-as-GET.
    {
      ...standard,
      id: 'certificate-by-post-as-get',
      section: '7.4.2',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The certificate URL answers POST-as-GET with the certificate.',
      async run(session) {
        const issued = await sharedIssuance(session);
        const seen = `The CA answered ${inWords(issued.download)} with ${issued.chain.length} certificates.`;
        return expectThat(issued.download.status === 200 && issued.chain.length > 0, seen);
      },
    },
    // RFC 8555 section 7.4.2: The default format is application/pem-certificate-chain.
    {
      ...standard,
      id: 'certificate-content-type',
      section: '7.4.2',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The CA sends the certificate as application/pem-certificate-chain.',
      async run(session) {
        const type = header((await sharedIssuance(session)).download, 'content-type');
        const right = type?.split(';')[0]?.trim().toLowerCase() === 'application/pem-certificate-chain';
        return expectThat(right, `Content-Type is ${type ?? 'absent'}.`);
      },
    },
    // RFC 8555 section 9.1: The file has PEM certificates in the strict form of RFC 7468 and no other text.
    {
      ...standard,
      id: 'certificate-is-strict-pem',
      section: '9.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The chain is strict PEM without explanatory text.',
      async run(session) {
        const { body } = (await sharedIssuance(session)).download;
        if (strictChain.test(body)) return passed(`The download has ${body.length} characters of strict PEM.`);
        const around = body.replace(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g, '').trim();
        const what =
          around === '' ? 'its lines do not have 64 characters' : `it has text: ${JSON.stringify(around.slice(0, 80))}`;
        return failed(`The download is not strict PEM: ${what}.`);
      },
    },
    // RFC 8555 section 9.1: The end-entity certificate comes first.
    {
      ...standard,
      id: 'leaf-comes-first',
      section: '9.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The first certificate of the chain is the end-entity certificate.',
      async run(session) {
        const [first] = (await sharedIssuance(session)).chain;
        if (first === undefined) return failed('The download has no certificate.');
        return expectThat(
          !isCa(first),
          `The first certificate is ${isCa(first) ? `that of a CA: ${first.subject}` : 'not a CA certificate'}.`,
        );
      },
    },
    // RFC 8555 section 9.1: Each further certificate certifies the one before it.
    {
      ...standard,
      id: 'chain-is-in-order',
      section: '9.1',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'Each certificate of the chain directly certifies the one before it.',
      async run(session) {
        const chain = await chainOf(session);
        if (chain.length === 1) return skipped('the chain is only the leaf');
        const wrong = chain.findIndex((one, index) => {
          const next = chain[index + 1];
          return next !== undefined && !certifies(next, one);
        });
        return expectThat(
          wrong < 0,
          wrong < 0
            ? `The ${chain.length} certificates are in order.`
            : `Certificate ${wrong + 2} does not certify certificate ${wrong + 1}.`,
        );
      },
    },
    // RFC 8555 section 9.1: The chain leads to a root that clients have, so the issuer belongs to it.
    {
      ...standard,
      id: 'chain-has-the-issuer',
      section: '9.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts: "The chain has the issuer's certificate.",
      async run(session) {
        const chain = await chainOf(session);
        const leaf = chain.find(({ ca }) => !ca) ?? chain[0];
        const has = chain.some((one) => one !== leaf && leaf !== undefined && certifies(one, leaf));
        const without =
          'The chain lacks the issuer: TLS clients find no path to the root, and ca.crt stays empty (cert-manager issue 4096)';
        return expectThat(has, has ? `The issuer is among the ${chain.length} certificates.` : `${without}.`);
      },
    },
    // RFC 8555 section 7.4.2: The chain is what a client needs to reach a root.
    {
      ...standard,
      id: 'chain-is-short-enough',
      section: '7.4.2',
      level: 'MAY',
      basis: 'statement',
      asserts: `The chain has at most ${longestChain} certificates, the limit of cert-manager.`,
      async run(session) {
        const { length } = await chainOf(session);
        return expectThat(length <= longestChain, `The chain has ${length} certificates.`);
      },
    },
    // RFC 8555 section 7.4.2: The certificate of a URL never changes.
    {
      ...standard,
      id: 'certificate-stays-the-same',
      section: '7.4.2',
      level: 'MUST',
      basis: 'statement',
      asserts: 'A second download returns the same certificate.',
      async run(session) {
        const { order, certificateUrl, chain } = await sharedIssuance(session);
        const again = certificatesOf((await session.read(order.account, certificateUrl)).body);
        const [one, other] = [chain, again].map((all) =>
          all.map(({ rawData }) => Buffer.from(rawData).toString('hex')),
        );
        const same = one?.join() === other?.join();
        return expectThat(
          same && again.length > 0,
          `The second download ${same ? 'has the same' : 'differs, with'} ${again.length} certificates.`,
        );
      },
    },
    // RFC 8555 section 7.4.2: A link "alternate" leads to another chain with the same end-entity certificate.
    {
      ...standard,
      id: 'alternate-chains',
      feature: 'alternate-chains',
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
        const known = ' (cert-manager issues 4505 and 4804: it chooses its preferredChain from these)';
        return expectThat(
          wrong.length === 0,
          wrong.length === 0
            ? `All ${alternates.length} links lead to a chain for the same certificate.`
            : `These links lead elsewhere: ${wrong.join(', ')}${known}.`,
        );
      },
    },
  ],
  deviations: [
    {
      name: 'certificate-answered-203',
      describes: 'The certificate is answered 203.',
      rfc: 8555,
      section: '7.4.2',
      breaks: ['certificate-by-post-as-get'],
      apply: changeAnswers(['certificate'], (answer) => ({ ...answer, status: 203 })),
    },
    {
      name: 'certificate-of-wrong-type',
      describes: 'The certificate comes as application/x-pem-file.',
      rfc: 8555,
      section: '7.4.2',
      breaks: ['certificate-content-type'],
      apply: changeAnswers(['certificate'], (answer) => withHeader(answer, 'content-type', 'application/x-pem-file')),
    },
    {
      name: 'certificate-with-explanatory-text',
      describes: 'The chain has text before the certificates.',
      rfc: 8555,
      section: '9.1',
      breaks: ['certificate-is-strict-pem'],
      apply: changeAnswers(['certificate'], (answer) => ({ ...answer, body: `Your certificate:\n${answer.body}` })),
    },
    {
      name: 'chain-reversed',
      describes: 'The chain begins with a CA certificate and ends with the leaf.',
      rfc: 8555,
      section: '9.1',
      breaks: ['leaf-comes-first', 'chain-is-in-order'],
      apply: changeChain((certificates) => certificates.toReversed()),
    },
    {
      name: 'chain-with-leaf-twice',
      describes: 'The chain has the leaf twice.',
      rfc: 8555,
      section: '9.1',
      breaks: ['chain-is-in-order'],
      apply: changeChain((certificates) => [...certificates.slice(0, 1), ...certificates]),
    },
    {
      name: 'chain-without-issuer',
      describes: 'The chain is the leaf alone.',
      rfc: 8555,
      section: '9.1',
      breaks: ['chain-has-the-issuer'],
      apply: changeChain((certificates) => certificates.slice(0, 1)),
    },
    {
      name: 'chain-too-long',
      describes: 'A chain has six certificates.',
      rfc: 8555,
      section: '7.4.2',
      breaks: ['chain-is-short-enough'],
      apply: reissueCertificates((leaf) => leaf, 5),
    },
    {
      name: 'certificate-changes',
      describes: "A second download lacks the issuer's certificate.",
      rfc: 8555,
      section: '7.4.2',
      breaks: ['certificate-stays-the-same'],
      apply: changeAnswers(['certificate'], (answer, { url }, { memory }) => {
        const isAgain = memory.has(url);
        memory.set(url, true);
        const [leaf = ''] = /^-----BEGIN[^-]*-----[^-]*-----END[^-]*-----\n?/.exec(answer.body) ?? [];
        return isAgain ? { ...answer, body: leaf } : answer;
      }),
    },
    {
      name: 'alternate-chain-is-missing',
      describes: 'A Link "alternate" leads to a URL that does not exist.',
      rfc: 8555,
      section: '7.4.2',
      breaks: ['alternate-chains'],
      apply: changeAnswers(['certificate'], (answer, { url }) =>
        withHeader(answer, 'link', ...(answer.headers.link ?? []), `<${url}-alternate>;rel="alternate"`),
      ),
    },
  ],
});
