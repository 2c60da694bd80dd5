import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { exportJWK } from 'jose';
import { errorType, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { readUntil } from '../../client/authorization.ts';
import {
  type CertificateKey,
  createCertificateKey,
  createCertificateRequest,
} from '../../client/certificate-request.ts';
import { commonNameOf } from '../../client/certificate-subject.ts';
import { collect, finalize, type Issued, leafOf, readyOrder } from '../../client/issuance.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import { type Account, type AcmeSession, type Order, UnmetNeed } from '../../client/session.ts';
import type { HttpAnswer, HttpRequest } from '../../client/transport.ts';
import { asProblem, withFields } from '../../deviations/answer-change.ts';
import { changeErrors } from '../../deviations/change-answers.ts';
import type { Conversation } from '../../deviations/conversation.ts';
import { csrOf } from '../../deviations/csr-of-request.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { reissueCertificates } from '../../deviations/reissued-certificate.ts';
import { type CaCheck, expectRefusal, expectThat, failed, passed, skipped, standard, warned } from '../check.ts';
import { type GroupCheck, group } from '../group.ts';

/** A CSR that the CA must refuse. */
interface CsrFault {
  readonly id: string;
  readonly asserts: string;
  readonly level: CaCheck['level'];
  readonly basis: CaCheck['basis'];
  readonly rfc: number;
  readonly section: string;
  /** Makes the CSR for an order with one name. */
  readonly csr: (session: AcmeSession, name: string, account: Account) => Promise<Uint8Array>;
  /** Whether the CA must refuse it as badCSR. Bytes that are not a CSR may be malformed instead. */
  readonly isBadCsr: boolean;
}

const faults: readonly CsrFault[] = [
  // RFC 8555 section 7.4: The CSR has exactly the identifiers of the order.
  {
    id: 'csr-with-extra-name',
    asserts: 'The CA refuses a CSR with a name that the order does not have.',
    ...{ rfc: 8555, section: '7.4', level: 'MUST', basis: 'statement', isBadCsr: true },
    csr: (session, name) => csrFor(name, session.notOrderedName('csr-extra')),
  },
  // RFC 8555 section 7.4: The CSR has exactly the identifiers of the order.
  {
    id: 'csr-with-missing-name',
    asserts: 'The CA refuses a CSR without the name of the order.',
    ...{ rfc: 8555, section: '7.4', level: 'MUST', basis: 'statement', isBadCsr: true },
    csr: (session) => csrFor(session.notOrderedName('csr-other')),
  },
  // RFC 2986 section 3: The signature proves possession of the private key.
  {
    id: 'csr-with-broken-signature',
    asserts: 'The CA refuses a CSR whose signature does not match its key.',
    ...{ rfc: 2986, section: '3', level: 'MUST', basis: 'statement', isBadCsr: true },
    csr: async (_, name) => breakSignature(await csrFor(name)),
  },
  // RFC 8555 section 11.1: A key pair for a certificate must not be an account's.
  {
    id: 'csr-of-account-key',
    asserts: 'The CA refuses a CSR for the key of an account.',
    ...{ rfc: 8555, section: '11.1', level: 'SHOULD', basis: 'statement', isBadCsr: true },
    csr: async (_, name, account) => createCertificateRequest(await certificateKeyOf(account), { names: [name] }),
  },
  // RFC 8555 section 7.4: The payload of finalize has a CSR in DER.
  {
    id: 'csr-that-is-none',
    asserts: 'The CA refuses finalize with bytes that are not a CSR.',
    ...{ rfc: 8555, section: '7.4', level: 'MUST', basis: 'keyword', isBadCsr: false },
    csr: async () => randomBytes(64),
  },
];

async function csrFor(...names: readonly string[]): Promise<Uint8Array> {
  return createCertificateRequest(await createCertificateKey(), { names });
}

/** The signature is the last part of a CSR (RFC 2986 section 4.2). */
function breakSignature(csr: Uint8Array): Uint8Array {
  const last = csr.length - 1;
  return csr.with(last, (csr[last] ?? 0) ^ 1);
}

/** The P-256 key of an account as the key of a certificate. */
async function certificateKeyOf({ key }: Account): Promise<CertificateKey> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
  const pkcs8 = key.privateKey.export({ format: 'der', type: 'pkcs8' });
  const [privateKey, publicKey] = await Promise.all([
    webcrypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), algorithm, true, ['sign']),
    webcrypto.subtle.importKey('jwk', { ...key.publicJwk }, algorithm, true, ['verify']),
  ]);
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' };
  return { pair: { privateKey, publicKey }, privateKey: key.privateKey, signingAlgorithm };
}

/** The outcome of a faulty CSR. */
interface TriedCsr {
  readonly fault: CsrFault;
  readonly answer: HttpAnswer;
  /** The status of the order afterwards. */
  readonly status: unknown;
  readonly hasCertificate: boolean;
}

interface CsrTrials {
  readonly tried: readonly TriedCsr[];
  /** The last order and its name. A CA that keeps orders ready needs only one. */
  readonly order: Order;
  readonly name: string;
  readonly isReady: boolean;
}

/** Tries the faults one after the other, on the same order while it stays ready. */
const csrTrials = oncePerSession((session) => session.shared(tryFaults(session)));

async function tryFaults(session: AcmeSession): Promise<CsrTrials> {
  const tried: TriedCsr[] = [];
  let label = 'csr';
  let order = await readyOrder(session, { label });
  let isReady = true;
  for (const fault of faults) {
    if (!isReady) {
      label = `csr-${tried.length + 1}`;
      order = await readyOrder(session, { label });
    }
    const { account } = order;
    const answer = await finalize(session, order, await fault.csr(session, session.name(label), account));
    // The clean-up must know any certificate that is issued.
    if (succeeded(answer)) await issuedAnyway(session, order, answer);
    const object = await afterProcessing(session, order);
    isReady = object.status === 'ready';
    tried.push({ fault, answer, status: object.status, hasCertificate: object.certificate !== undefined });
  }
  return { tried, order, name: session.name(label), isReady };
}

/** How long an order may be `processing` after a refused CSR. */
const processingWithinSeconds = 30;

/** The order, once it is no longer processing. An order that stays so has no certificate: that is read as it is. */
async function afterProcessing(session: AcmeSession, order: Order): Promise<Readonly<Record<string, unknown>>> {
  const { account, url } = order;
  let last: Readonly<Record<string, unknown>> = {};
  try {
    await readUntil(
      session,
      { account, url, what: 'the end of a refused order', withinSeconds: processingWithinSeconds },
      (_, object) => {
        last = object;
        return object.status !== 'processing';
      },
    );
  } catch (error) {
    if (!(error instanceof UnmetNeed)) throw error;
  }
  return last;
}

/** @returns null if the CA issues nothing after all */
async function issuedAnyway(session: AcmeSession, order: Order, finalized: HttpAnswer): Promise<Issued | null> {
  const key = await createCertificateKey();
  try {
    return await collect(session, { order, names: [], key, csr: Buffer.alloc(0), finalized });
  } catch (error) {
    if (error instanceof UnmetNeed) return null;
    throw error;
  }
}

/** The trials that the CA refused. @throws UnmetNeed if it refused none */
async function refusedCsrs(session: AcmeSession): Promise<readonly TriedCsr[]> {
  const { tried } = await csrTrials(session);
  const refused = tried.filter(({ answer }) => !succeeded(answer));
  if (refused.length === 0) throw new UnmetNeed('the CA refused no CSR');
  return refused;
}

function faultCheck(fault: CsrFault): GroupCheck {
  const { id, asserts, rfc, section, level, basis } = fault;
  return {
    ...{ id, asserts, rfc, section, level, basis, profile: 'standard' },
    async run(session) {
      const { tried } = await csrTrials(session);
      const result = tried.find((one) => one.fault === fault);
      if (result === undefined) return skipped('the CSR was not tried');
      const { answer } = result;
      if (succeeded(answer)) return failed(`The CA accepted it: ${answer.status}.`);
      return expectRefusal(answer);
    },
  };
}

/** The ids of results, each with more words. */
function idsOf(results: readonly TriedCsr[], more: (result: TriedCsr) => string): string {
  return results.map((result) => `${result.fault.id} (${more(result)})`).join(', ');
}

function csrNames(csr: x509.Pkcs10CertificateRequest): readonly string[] {
  const extension = csr.extensions.find((one) => one instanceof x509.SubjectAlternativeNameExtension);
  return (extension?.names.items ?? []).map(({ value }) => value);
}

function commonNameOfCsr(csr: x509.Pkcs10CertificateRequest): string | undefined {
  return csr.subjectName.getField('CN')[0];
}

/** The names of the order that a request finalizes. */
function orderedNames(request: HttpRequest, conversation: Conversation): readonly string[] {
  const known = conversation.lastGood(conversation.parentOf(request.url) ?? '');
  const { identifiers } = (known && jsonObject(known)) ?? {};
  return Array.isArray(identifiers) ? identifiers.map(({ value }: { value?: unknown }) => String(value)) : [];
}

/** Whether the CA behind refused the CSR itself. */
function isRefusedCsr(request: HttpRequest, answer: HttpAnswer, conversation: Conversation): boolean {
  const type = errorType(answer);
  const isAboutCsr = type === 'badCSR' || type === 'malformed' || type === 'unauthorized';
  return conversation.isFor(request, 'finalize') && isAboutCsr;
}

/** Accepts finalize with a faulty CSR, but issues nothing. */
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

/** Changes fields of an order after a refused CSR. */
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

export const csrs = group(37, 'CSRs', {
  runs: 'CSRs',
  checks: [
    ...faults.map(faultCheck),
    // RFC 8555 section 7.4: The error for an unacceptable CSR is badCSR.
    {
      ...standard,
      id: 'bad-csr-is-named',
      section: '7.4',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'The CA refuses an unacceptable CSR as badCSR.',
      async run(session) {
        const refused = (await refusedCsrs(session)).filter(({ fault }) => fault.isBadCsr);
        const others = refused.filter(({ answer }) => errorType(answer) !== 'badCSR');
        const right = others.length === 0;
        return expectThat(
          right,
          right
            ? `The CA refused all ${refused.length} CSRs as badCSR.`
            : `The CA refused ${idsOf(others, ({ answer }) => inWords(answer))}.`,
        );
      },
    },
    // RFC 8555 section 7.4: An order stays ready after a refused CSR, so that the client can send another.
    {
      ...standard,
      id: 'refused-csr-leaves-order-ready',
      section: '7.4',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'An order is still ready after a refused CSR.',
      async run(session) {
        const refused = await refusedCsrs(session);
        const others = refused.filter(({ status }) => status !== 'ready');
        const words = ({ status }: TriedCsr) => JSON.stringify(status ?? null);
        return expectThat(
          others.length === 0,
          others.length === 0
            ? `The order was still ready after ${refused.length} refused CSRs.`
            : `The order was not ready after ${idsOf(others, words)}.`,
        );
      },
    },
    // RFC 8555 section 7.4: A refusal means that nothing is issued.
    {
      ...standard,
      id: 'refused-csr-issues-nothing',
      section: '7.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA issues no certificate for a refused CSR.',
      async run(session) {
        const refused = await refusedCsrs(session);
        const others = refused.filter(({ status, hasCertificate }) => hasCertificate || status === 'valid');
        if (others.length === 0) return passed(`The CA issued nothing for ${refused.length} refused CSRs.`);
        const words = ({ status }: TriedCsr) => `the order is ${JSON.stringify(status)}`;
        return failed(`The CA issued despite the refusal of ${idsOf(others, words)} (cert-manager issue 7493).`);
      },
    },
    // RFC 8555 section 7.4: An order stays ready after a refused CSR, so that the client can send another.
    {
      ...standard,
      id: 'amended-csr-is-taken',
      section: '7.4',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'After a refused CSR, the CA accepts a correct one.',
      async run(session) {
        await refusedCsrs(session);
        const { order, name, isReady } = await csrTrials(session);
        if (!isReady) return skipped('the order did not stay ready');
        const key = await createCertificateKey();
        const csr = await createCertificateRequest(key, { names: [name] });
        const finalized = await finalize(session, order, csr);
        if (!succeeded(finalized)) return expectThat(false, `The CA answered ${inWords(finalized)}.`, finalized);
        const { chain } = await collect(session, { order, names: [name], key, csr, finalized });
        return expectThat(
          chain.length > 0,
          `The CA answered ${finalized.status} and issued a chain of ${chain.length} certificates.`,
        );
      },
    },
    // RFC 8555 section 7.4: The CSR has exactly the identifiers of the order, and a common name must be one of them.
    {
      ...standard,
      id: 'csr-with-foreign-common-name',
      runs: 'certificates of their own',
      section: '7.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA does not certify a common name that is not in the order, even if the CSR asks for it.',
      async run(session) {
        const label = 'csr-foreign-cn';
        const names = [session.name(label)];
        const foreign = session.notOrderedName('csr-cn-not-ordered');
        const order = await readyOrder(session, { label });
        const key = await createCertificateKey();
        const csr = await createCertificateRequest(key, { names, commonName: foreign });
        const finalized = await finalize(session, order, csr);
        if (!succeeded(finalized)) {
          return expectRefusal(finalized, `The CA answered the CSR with ${inWords(finalized)}`);
        }
        const issued = await collect(session, { order, names, key, csr, finalized });
        const commonName = commonNameOf(leafOf(issued));
        const seen = `The CA issued; the common name is ${commonName ?? 'absent'}`;
        return commonName === foreign
          ? failed(`${seen}, which was not ordered.`)
          : warned(`${seen}. It silently left out what the CSR asked for.`);
      },
    },
    // RFC 8555 section 7.4: A name may be in the common name, in subjectAltName, or in both.
    {
      ...standard,
      id: 'name-in-common-name-only',
      runs: 'certificates of their own',
      section: '7.4',
      level: 'SHOULD',
      basis: 'statement',
      asserts: "The CA accepts an ordered name that is only in the CSR's common name, and certifies it.",
      async run(session) {
        const names = session.names(['csr-cn-only', 'csr-cn-other']);
        const order = await readyOrder(session, { label: 'csr-cn-only', names });
        const key = await createCertificateKey();
        const csr = await createCertificateRequest(key, { names: [names[1]], commonName: names[0] });
        const finalized = await finalize(session, order, csr);
        const known = ' (cert-manager issue 7889)';
        if (!succeeded(finalized))
          return expectThat(false, `The CA answered the CSR with ${inWords(finalized)}${known}.`, finalized);
        const leaf = leafOf(await collect(session, { order, names, key, csr, finalized }));
        const there = commonNameOf(leaf) === names[0] || leaf.toString('text').includes(names[0]);
        return expectThat(there, `The CA issued a certificate ${there ? 'with' : 'without'} the name ${names[0]}.`);
      },
    },
  ],
  deviations: [
    {
      name: 'csr-with-extra-name-taken',
      describes: 'A CSR with a name that its order does not have is accepted.',
      rfc: 8555,
      section: '7.4',
      breaks: ['csr-with-extra-name'],
      apply: takeCsr((csr, ordered) => csr !== null && csrNames(csr).length > ordered.length),
    },
    {
      name: 'csr-with-missing-name-taken',
      describes: 'A CSR without any name of its order is accepted.',
      rfc: 8555,
      section: '7.4',
      breaks: ['csr-with-missing-name'],
      apply: takeCsr((csr, ordered) => csr !== null && !csrNames(csr).some((name) => ordered.includes(name))),
    },
    {
      name: 'csr-signature-not-verified',
      describes: 'A CSR whose signature does not match its key is accepted.',
      rfc: 2986,
      section: '3',
      breaks: ['csr-with-broken-signature'],
      apply: takeCsr(async (csr) => csr !== null && !(await csr.verify())),
    },
    {
      name: 'csr-of-account-key-taken',
      describes: 'A CSR for the key of an account is accepted.',
      rfc: 8555,
      section: '11.1',
      breaks: ['csr-of-account-key'],
      apply: takeCsr(async (csr, _, conversation) => {
        if (csr === null || !(await csr.verify())) return false;
        return (await conversation.accountOf(await exportJWK(await csr.publicKey.export()))) !== undefined;
      }),
    },
    {
      name: 'any-bytes-taken-for-a-csr',
      describes: 'finalize accepts bytes that are not a CSR.',
      rfc: 8555,
      section: '7.4',
      breaks: ['csr-that-is-none'],
      apply: takeCsr((csr) => csr === null),
    },
    {
      name: 'bad-csr-is-malformed',
      describes: 'An unacceptable CSR is refused as malformed.',
      rfc: 8555,
      section: '7.4',
      breaks: ['bad-csr-is-named'],
      apply: changeErrors('badCSR', (answer) => asProblem(answer, 400, 'malformed')),
    },
    {
      name: 'refused-csr-ends-the-order',
      describes: 'An order is invalid after a refused CSR.',
      rfc: 8555,
      section: '7.4',
      breaks: ['refused-csr-leaves-order-ready'],
      apply: afterRefusedCsr({ status: 'invalid' }),
    },
    {
      name: 'refused-csr-is-issued',
      describes: 'finalize is refused, but the order still gets its certificate.',
      rfc: 8555,
      section: '7.4',
      breaks: ['refused-csr-leaves-order-ready', 'refused-csr-issues-nothing'],
      apply: afterRefusedCsr({ status: 'valid', certificate: 'https://ca.example/certificate' }),
    },
    {
      name: 'amended-csr-refused',
      describes: 'After a refused CSR, every further CSR of the order is refused.',
      rfc: 8555,
      section: '7.4',
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
      describes: 'The CA certifies any common name that a CSR asks for.',
      rfc: 8555,
      section: '7.4',
      breaks: ['csr-with-foreign-common-name'],
      async apply(request, forward, conversation) {
        const commonNames = conversation.memory;
        if (conversation.isFor(request, 'finalize')) {
          const csr = csrOf(request);
          const key = csr === null ? '' : Buffer.from(csr.publicKey.rawData).toString('hex');
          if (csr !== null) commonNames.set(key, commonNameOfCsr(csr));
        }
        return reissueCertificates((leaf, { publicKey }) => {
          const commonName = commonNames.get(Buffer.from(publicKey.rawData).toString('hex'));
          return commonName === undefined ? null : { ...leaf, subject: `CN=${String(commonName)}` };
        })(request, forward, conversation);
      },
    },
    {
      name: 'common-name-ignored',
      describes: 'A name that is only in the common name of a CSR does not count, and the CSR is refused.',
      rfc: 8555,
      section: '7.4',
      breaks: ['name-in-common-name-only'],
      async apply(request, forward, conversation) {
        const csr = conversation.isFor(request, 'finalize') ? csrOf(request) : null;
        const commonName = csr === null ? undefined : commonNameOfCsr(csr);
        const isAlone = csr !== null && commonName !== undefined && !csrNames(csr).includes(commonName);
        return isAlone && orderedNames(request, conversation).includes(commonName)
          ? conversation.problem(400, 'badCSR', 'a name is missing')
          : forward(request);
      },
    },
  ],
});
