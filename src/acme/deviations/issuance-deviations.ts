import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { exportJWK } from 'jose';
import { errorType, jsonObject, succeeded } from '../client/answer.ts';
import type { HttpAnswer, HttpRequest } from '../client/transport.ts';
import { acceptAnyway } from './accept-anyway.ts';
import { asProblem, withFields, withHeader, withJson, withoutHeader, withoutLinks } from './answer-change.ts';
import { changeAnswers, changeErrors } from './change-answers.ts';
import type { Conversation } from './conversation.ts';
import type { Deviation } from './deviation.ts';
import { reissueCertificates } from './reissued-certificate.ts';
import { readSigned } from './signed-request.ts';

/** Groups 26, 27 and 36 to 39: from the last authorization to the download. */

const rfc = 8555;

/** The CSR of a finalize; null where it is none. */
function csrOf(request: HttpRequest): x509.Pkcs10CertificateRequest | null {
  const { csr } = readSigned(request)?.fields ?? {};
  try {
    return new x509.Pkcs10CertificateRequest(Buffer.from(String(csr), 'base64url'));
  } catch {
    return null;
  }
}

function csrNames(csr: x509.Pkcs10CertificateRequest): readonly string[] {
  const extension = csr.extensions.find((one) => one instanceof x509.SubjectAlternativeNameExtension);
  return (extension?.names.items ?? []).map(({ value }) => value);
}

function commonNameOf(csr: x509.Pkcs10CertificateRequest): string | undefined {
  return csr.subjectName.getField('CN')[0];
}

/** The names of the order that a finalize is of. */
function orderedNames(request: HttpRequest, conversation: Conversation): readonly string[] {
  const known = conversation.lastGood(conversation.parentOf(request.url) ?? '');
  const { identifiers } = (known && jsonObject(known)) ?? {};
  return Array.isArray(identifiers) ? identifiers.map(({ value }: { value?: unknown }) => String(value)) : [];
}

/** Whether the CA behind found something wrong with the CSR itself. */
function isRefusedCsr(request: HttpRequest, answer: HttpAnswer, conversation: Conversation): boolean {
  const type = errorType(answer);
  const isAboutCsr = type === 'badCSR' || type === 'malformed' || type === 'unauthorized';
  return conversation.isFor(request, 'finalize') && isAboutCsr;
}

/** A finalize with a faulty CSR is taken; nothing comes of it. */
function takeCsr(
  hasFault: (
    csr: x509.Pkcs10CertificateRequest | null,
    ordered: readonly string[],
    conversation: Conversation,
  ) => boolean | Promise<boolean>,
): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const answer = await forward(request);
    const order = conversation.parentOf(request.url) ?? '';
    if (isRefusedCsr(request, answer, conversation)) {
      const fault = await hasFault(csrOf(request), orderedNames(request, conversation), conversation);
      const known = await conversation.lastGoodAgain(order);
      if (!fault || known === null) return answer;
      conversation.memory.set(order, true);
      return withFields({ ...known, status: 200 }, { status: 'processing' });
    }
    const isTaken = conversation.isFor(request, 'order') && conversation.memory.has(request.url);
    return isTaken ? withFields(answer, { status: 'invalid' }) : answer;
  };
}

/** Shows an order differently once a CSR was refused. */
function afterRefusedCsr(fields: Readonly<Record<string, unknown>>): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const answer = await forward(request);
    if (isRefusedCsr(request, answer, conversation)) {
      conversation.memory.set(conversation.parentOf(request.url) ?? '', true);
    }
    const isIt = conversation.isFor(request, 'order') && conversation.memory.has(request.url) && succeeded(answer);
    return isIt ? withFields(answer, fields) : answer;
  };
}

/** Changes the PEM of a download. */
function changeChain(change: (certificates: readonly string[]) => readonly string[]): Deviation['apply'] {
  return changeAnswers(['certificate'], (answer) => {
    const certificates = answer.body.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g) ?? [];
    return { ...answer, body: change(certificates).join('') };
  });
}

export const issuanceDeviations: readonly Deviation[] = [
  {
    name: 'order-processes-for-ever',
    describes: 'An order is never more than processing.',
    ...{ rfc, section: '7.4' },
    breaks: ['honest-order-is-issued'],
    apply: changeAnswers(['order', 'finalize'], (answer) =>
      withJson(withHeader(answer, 'retry-after', '15'), ({ certificate: _, ...order }) =>
        order.status === 'valid' ? { ...order, status: 'processing' } : order,
      ),
    ),
  },
  {
    name: 'finalize-answered-201',
    describes: 'A finalize is answered 201.',
    ...{ rfc, section: '7.4' },
    breaks: ['finalize-answer'],
    apply: changeAnswers(['finalize'], (answer) => ({ ...answer, status: 201 })),
  },
  {
    name: 'finalize-without-location',
    describes: "The answer to finalize does not have the order's URL in Location.",
    ...{ rfc, section: '7.4' },
    breaks: ['finalize-answer-has-location'],
    apply: changeAnswers(['finalize'], (answer) => withoutHeader(answer, 'location')),
  },
  {
    name: 'processing-without-retry-after',
    describes: 'An answer to finalize with an order that is processing has no Retry-After.',
    ...{ rfc, section: '7.4' },
    breaks: ['processing-says-when-to-come-back'],
    apply: changeAnswers(['finalize'], (answer) => withoutHeader(answer, 'retry-after')),
  },
  {
    name: 'valid-order-with-other-identifiers',
    describes: 'A valid order has other identifiers than before.',
    ...{ rfc, section: '7.1.3' },
    breaks: ['valid-order-names-its-certificate'],
    apply: changeAnswers(['order'], (answer) =>
      withJson(answer, (order) =>
        order.status === 'valid' ? { ...order, identifiers: [{ type: 'dns', value: 'other.example' }] } : order,
      ),
    ),
  },
  {
    name: 'finalize-of-valid-order-accepted',
    describes: 'A finalize of an order that is valid already is taken.',
    ...{ rfc, section: '7.4' },
    breaks: ['finalize-of-valid-order'],
    apply: acceptAnyway(
      (_, request, conversation, refusal) =>
        errorType(refusal) === 'orderNotReady' &&
        conversation.isFor(request, 'finalize') &&
        conversation.lastGood(request.url) !== undefined,
    ),
  },
  {
    name: 'csr-with-extra-name-taken',
    describes: 'A CSR with a name that its order does not have is taken.',
    ...{ rfc, section: '7.4' },
    breaks: ['csr-with-extra-name'],
    apply: takeCsr((csr, ordered) => csr !== null && csrNames(csr).length > ordered.length),
  },
  {
    name: 'csr-with-missing-name-taken',
    describes: 'A CSR that has none of the names of its order is taken.',
    ...{ rfc, section: '7.4' },
    breaks: ['csr-with-missing-name'],
    apply: takeCsr((csr, ordered) => csr !== null && !csrNames(csr).some((name) => ordered.includes(name))),
  },
  {
    name: 'csr-signature-not-verified',
    describes: 'A CSR whose signature is not that of its key is taken.',
    ...{ rfc: 2986, section: '3' },
    breaks: ['csr-with-broken-signature'],
    apply: takeCsr(async (csr) => csr !== null && !(await csr.verify())),
  },
  {
    name: 'csr-of-account-key-taken',
    describes: 'A CSR for the key of an account is taken.',
    ...{ rfc, section: '11.1' },
    breaks: ['csr-of-account-key'],
    apply: takeCsr(async (csr, _, conversation) => {
      if (csr === null || !(await csr.verify())) return false;
      return (await conversation.accountOf(await exportJWK(await csr.publicKey.export()))) !== undefined;
    }),
  },
  {
    name: 'any-bytes-taken-for-a-csr',
    describes: 'A finalize with bytes that are no CSR is taken.',
    ...{ rfc, section: '7.4' },
    breaks: ['csr-that-is-none'],
    apply: takeCsr((csr) => csr === null),
  },
  {
    name: 'bad-csr-is-malformed',
    describes: 'A bad CSR is refused as malformed.',
    ...{ rfc, section: '7.4' },
    breaks: ['bad-csr-is-named'],
    apply: changeErrors('badCSR', (answer) => asProblem(answer, 400, 'malformed')),
  },
  {
    name: 'refused-csr-ends-the-order',
    describes: 'An order is invalid once a CSR of it was refused.',
    ...{ rfc, section: '7.4' },
    breaks: ['refused-csr-leaves-order-ready'],
    apply: afterRefusedCsr({ status: 'invalid' }),
  },
  {
    name: 'refused-csr-is-issued',
    describes: 'A finalize is refused, and the order gets its certificate nevertheless.',
    ...{ rfc, section: '7.4' },
    breaks: ['refused-csr-leaves-order-ready', 'refused-csr-issues-nothing'],
    apply: afterRefusedCsr({ status: 'valid', certificate: 'https://ca.example/certificate' }),
  },
  {
    name: 'amended-csr-refused',
    describes: 'After a refused CSR every other one of that order is refused, too.',
    ...{ rfc, section: '7.4' },
    breaks: ['amended-csr-is-taken'],
    async apply(request, forward, conversation) {
      const order = conversation.parentOf(request.url) ?? '';
      if (conversation.isFor(request, 'finalize') && conversation.memory.has(order)) {
        return conversation.problem(400, 'badCSR', 'there was a bad CSR before');
      }
      const answer = await forward(request);
      if (isRefusedCsr(request, answer, conversation)) conversation.memory.set(order, true);
      return answer;
    },
  },
  {
    name: 'foreign-common-name-issued',
    describes: 'The common name that a CSR asks for is certified, whatever the order has.',
    ...{ rfc, section: '7.4' },
    breaks: ['csr-with-foreign-common-name'],
    async apply(request, forward, conversation) {
      const commonNames = conversation.memory;
      if (conversation.isFor(request, 'finalize')) {
        const csr = csrOf(request);
        const key = csr === null ? '' : Buffer.from(csr.publicKey.rawData).toString('hex');
        if (csr !== null) commonNames.set(key, commonNameOf(csr));
      }
      return reissueCertificates((leaf, { publicKey }) => {
        const commonName = commonNames.get(Buffer.from(publicKey.rawData).toString('hex'));
        return commonName === undefined ? null : { ...leaf, subject: `CN=${String(commonName)}` };
      })(request, forward, conversation);
    },
  },
  {
    name: 'common-name-ignored',
    describes: 'A name that a CSR has in its common name alone does not count, and the CSR is refused.',
    ...{ rfc, section: '7.4' },
    breaks: ['name-in-common-name-only'],
    async apply(request, forward, conversation) {
      const csr = conversation.isFor(request, 'finalize') ? csrOf(request) : null;
      const commonName = csr === null ? undefined : commonNameOf(csr);
      const isAlone = csr !== null && commonName !== undefined && !csrNames(csr).includes(commonName);
      return isAlone && orderedNames(request, conversation).includes(commonName)
        ? conversation.problem(400, 'badCSR', 'a name is missing')
        : forward(request);
    },
  },
  {
    name: 'rsa-keys-refused',
    describes: 'A CSR for an RSA key is refused.',
    ...{ rfc, section: '7.4' },
    breaks: ['leaf-for-rsa-key'],
    async apply(request, forward, conversation) {
      const csr = conversation.isFor(request, 'finalize') ? csrOf(request) : null;
      return csr?.publicKey.algorithm.name.startsWith('RSA') === true
        ? conversation.problem(400, 'badCSR', 'no RSA keys')
        : forward(request);
    },
  },
  {
    name: 'certificate-answered-203',
    describes: 'The certificate is answered 203.',
    ...{ rfc, section: '7.4.2' },
    breaks: ['certificate-by-post-as-get'],
    apply: changeAnswers(['certificate'], (answer) => ({ ...answer, status: 203 })),
  },
  {
    name: 'certificate-of-wrong-type',
    describes: 'The certificate comes as application/x-pem-file.',
    ...{ rfc, section: '7.4.2' },
    breaks: ['certificate-content-type'],
    apply: changeAnswers(['certificate'], (answer) => withHeader(answer, 'content-type', 'application/x-pem-file')),
  },
  {
    name: 'certificate-with-explanatory-text',
    describes: 'The chain has text before its certificates.',
    ...{ rfc, section: '9.1' },
    breaks: ['certificate-is-strict-pem'],
    apply: changeAnswers(['certificate'], (answer) => ({ ...answer, body: `Your certificate:\n${answer.body}` })),
  },
  {
    name: 'chain-reversed',
    describes: 'The chain begins with the certificate of a CA and ends with the leaf.',
    ...{ rfc, section: '9.1' },
    breaks: ['leaf-comes-first', 'chain-is-in-order'],
    apply: changeChain((certificates) => certificates.toReversed()),
  },
  {
    name: 'chain-with-leaf-twice',
    describes: 'The chain has the leaf twice.',
    ...{ rfc, section: '9.1' },
    breaks: ['chain-is-in-order'],
    apply: changeChain((certificates) => [...certificates.slice(0, 1), ...certificates]),
  },
  {
    name: 'chain-without-issuer',
    describes: 'The chain is the leaf alone.',
    ...{ rfc, section: '9.1' },
    breaks: ['chain-has-the-issuer'],
    apply: changeChain((certificates) => certificates.slice(0, 1)),
  },
  {
    name: 'certificate-changes',
    describes: 'A certificate that is downloaded again comes without its issuer.',
    ...{ rfc, section: '7.4.2' },
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
    describes: 'A Link "alternate" leads to nothing.',
    ...{ rfc, section: '7.4.2' },
    breaks: ['alternate-chains'],
    apply: changeAnswers(['certificate'], (answer, { url }) =>
      withHeader(answer, 'link', ...(answer.headers.link ?? []), `<${url}-alternate>;rel="alternate"`),
    ),
  },
  {
    name: 'no-index-link-on-issuance',
    describes: 'Challenges, answers to finalize and certificates have no Link "index".',
    ...{ rfc, section: '7.1' },
    breaks: ['index-link-of-issuance'],
    apply: changeAnswers(['challenge', 'finalize', 'certificate'], (answer) => withoutLinks(answer, 'index')),
  },
  {
    name: 'certificate-by-get',
    describes: 'A certificate is given to a plain GET.',
    ...{ rfc, section: '6.3' },
    breaks: ['get-of-certificate'],
    async apply(request, forward, conversation) {
      const isGet = request.method === 'GET' && conversation.isFor(request, 'certificate');
      return (isGet ? await conversation.lastGoodAgain(request.url) : null) ?? forward(request);
    },
  },
  {
    name: 'no-nonce-on-issuance',
    describes: 'Successful answers to finalize and for a certificate have no Replay-Nonce.',
    ...{ rfc, section: '6.5' },
    breaks: ['nonce-on-issuance'],
    apply: changeAnswers(['finalize', 'certificate'], (answer) => withoutHeader(answer, 'replay-nonce')),
  },
  {
    name: 'certificate-readable-by-anyone',
    describes: 'A certificate is readable by another account.',
    ...{ rfc, section: '6.3' },
    breaks: ['certificate-of-another-account'],
    apply: acceptAnyway(
      ({ header: { kid }, payload }, request, conversation, refusal) =>
        errorType(refusal) !== 'badNonce' &&
        payload === '' &&
        conversation.isFor(request, 'certificate') &&
        kid !== conversation.ownerOf(request.url),
    ),
  },
  {
    name: 'unknown-certificate-answered-500',
    describes: 'The URL of a certificate that there is not is answered 500 instead of 404.',
    ...{ rfc: 9110, section: '15.5.5' },
    breaks: ['unknown-resources'],
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const folder = request.url.slice(0, request.url.lastIndexOf('/'));
      if (conversation.isFor(request, 'certificate')) conversation.memory.set(folder, true);
      const isUnknown = answer.status === 404 && conversation.memory.has(folder);
      return isUnknown ? asProblem(answer, 500, 'serverInternal') : answer;
    },
  },
  {
    name: 'reused-authorization-leaves-order-pending',
    describes: 'A new order has a valid authorization of before, and is pending nevertheless.',
    ...{ rfc, section: '7.1.6' },
    breaks: ['reused-authorization-makes-ready'],
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const { header: { kid } = {}, fields = {} } = readSigned(request) ?? {};
      const { identifiers, authorizations, status } = jsonObject(answer) ?? {};
      if (!succeeded(answer)) return answer;
      const key = `${String(kid)} ${JSON.stringify(identifiers)}`;
      if (conversation.isFor(request, 'order') && status === 'valid') conversation.memory.set(key, authorizations);
      const reused = fields.replaces === undefined ? conversation.memory.get(key) : undefined;
      return conversation.isFor(request, 'newOrder') && reused !== undefined
        ? withFields(answer, { authorizations: reused })
        : answer;
    },
  },
  {
    name: 'valid-authorization-without-expires',
    describes: 'A valid authorization has no expires.',
    ...{ rfc, section: '7.1.4' },
    breaks: ['valid-authorization-expires'],
    apply: changeAnswers(['authorization'], (answer) =>
      withJson(answer, (one) => (one.status === 'valid' ? { ...one, expires: undefined } : one)),
    ),
  },
  {
    name: 'deactivated-authorization-issues',
    describes: 'A valid authorization that was deactivated suffices to issue.',
    ...{ rfc, section: '7.5.2' },
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
  {
    name: 'deactivated-account-reads-its-orders',
    describes: 'A deactivated account reads its orders.',
    ...{ rfc, section: '7.3.6' },
    breaks: ['orders-of-deactivated-account'],
    apply: acceptAnyway(
      ({ header: { kid } }, request, conversation, refusal) =>
        errorType(refusal) === 'unauthorized' &&
        conversation.isFor(request, 'order') &&
        kid === conversation.ownerOf(request.url),
    ),
  },
];
