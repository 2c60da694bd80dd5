import { randomBytes, webcrypto } from 'node:crypto';
import { errorType, header, inWords, jsonObject, retryAfterSeconds, succeeded } from '../client/answer.ts';
import { type CertificateKey, createCertificateKey, createCertificateRequest } from '../client/certificate-request.ts';
import { collect, finalize, type Issued, leafOf, readyOrder, sharedIssuance } from '../client/issuance.ts';
import { oncePerSession } from '../client/once-per-session.ts';
import { type Account, type AcmeSession, type Order, UnmetNeed } from '../client/session.ts';
import type { HttpAnswer } from '../client/transport.ts';
import { type CaCheck, expectThat, failed, passed, skipped, warned } from './check.ts';
import { commonNameOf } from './leaf-names.ts';

/** Groups 36 to 38 of the catalogue: from a CSR to a valid order. */

const standard = { rfc: 8555, profile: 'standard' } as const;

/** A CSR that the CA must not take. */
interface CsrFault {
  readonly id: string;
  readonly asserts: string;
  readonly level: CaCheck['level'];
  readonly basis: CaCheck['basis'];
  readonly rfc: number;
  readonly section: string;
  /** Makes it for an order with one name. */
  readonly csr: (session: AcmeSession, name: string, account: Account) => Promise<Uint8Array>;
  /** Whether badCSR is the type to refuse it with: bytes that are no CSR may be malformed just as well. */
  readonly isBadCsr: boolean;
}

const faults: readonly CsrFault[] = [
  {
    id: 'csr-with-extra-name',
    asserts: 'A CSR with a name that its order does not have is refused.',
    ...{ rfc: 8555, section: '7.4', level: 'MUST', basis: 'statement', isBadCsr: true },
    csr: (session, name) => csrFor(name, session.name('csr-extra')),
  },
  {
    id: 'csr-with-missing-name',
    asserts: 'A CSR without the name that its order has is refused.',
    ...{ rfc: 8555, section: '7.4', level: 'MUST', basis: 'statement', isBadCsr: true },
    csr: (session) => csrFor(session.name('csr-other')),
  },
  {
    id: 'csr-with-broken-signature',
    asserts: 'A CSR whose signature is not that of its key is refused.',
    ...{ rfc: 2986, section: '3', level: 'MUST', basis: 'statement', isBadCsr: true },
    csr: async (_, name) => breakSignature(await csrFor(name)),
  },
  {
    id: 'csr-of-account-key',
    asserts: 'A CSR for the key of an account is refused.',
    ...{ rfc: 8555, section: '11.1', level: 'SHOULD', basis: 'statement', isBadCsr: true },
    csr: async (_, name, account) => createCertificateRequest(await certificateKeyOf(account), { names: [name] }),
  },
  {
    id: 'csr-that-is-none',
    asserts: 'A finalize with bytes that are no CSR is refused.',
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

/** The key of an account as that of a certificate; it is of P-256. */
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

/** What came of a CSR with a fault. */
interface TriedCsr {
  readonly fault: CsrFault;
  readonly answer: HttpAnswer;
  /** Of the order afterwards. */
  readonly status: unknown;
  readonly hasCertificate: boolean;
}

interface CsrTrials {
  readonly tried: readonly TriedCsr[];
  /** The last order and its name. A CA that keeps its orders ready needs but one. */
  readonly order: Order;
  readonly name: string;
  readonly isReady: boolean;
}

/** Tries each fault, one after the other, on one order as long as that stays ready. */
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
    // What was issued must be known to the clean-up.
    if (succeeded(answer)) await issuedAnyway(session, order, answer);
    const object = jsonObject(await session.read(account, order.url)) ?? {};
    isReady = object.status === 'ready';
    tried.push({ fault, answer, status: object.status, hasCertificate: object.certificate !== undefined });
  }
  return { tried, order, name: session.name(label), isReady };
}

/** @returns null where nothing was issued after all */
async function issuedAnyway(session: AcmeSession, order: Order, finalized: HttpAnswer): Promise<Issued | null> {
  const key = await createCertificateKey();
  try {
    return await collect(session, { order, names: [], key, csr: Buffer.alloc(0), finalized });
  } catch (error) {
    if (error instanceof UnmetNeed) return null;
    throw error;
  }
}

/** Those that the CA refused. @throws UnmetNeed where there are none */
async function refusedCsrs(session: AcmeSession): Promise<readonly TriedCsr[]> {
  const { tried } = await csrTrials(session);
  const refused = tried.filter(({ answer }) => !succeeded(answer));
  if (refused.length === 0) throw new UnmetNeed('the CA refused no CSR');
  return refused;
}

function faultCheck(fault: CsrFault): CaCheck {
  const { id, asserts, rfc, section, level, basis } = fault;
  return {
    ...{ id, asserts, rfc, section, level, basis, group: 37, profile: 'standard' },
    async run(session) {
      const { tried } = await csrTrials(session);
      const result = tried.find((one) => one.fault === fault);
      if (result === undefined) return skipped('it was not tried');
      const { answer } = result;
      if (succeeded(answer)) return failed(`The CA took it: ${answer.status}.`);
      return expectThat(answer.status < 500, `It was answered ${inWords(answer)}.`);
    },
  };
}

/** Which of the results do not fit, in words. */
function idsOf(results: readonly TriedCsr[], more: (result: TriedCsr) => string): string {
  return results.map((result) => `${result.fault.id} (${more(result)})`).join(', ');
}

export const finalizeChecks: readonly CaCheck[] = [
  {
    ...standard,
    id: 'honest-order-is-issued',
    group: 38,
    section: '7.4',
    level: 'MUST',
    basis: 'statement',
    asserts: 'An order whose requirements were fulfilled is finalized upon request, and its certificate is issued.',
    async run(session) {
      // Without these nothing can be said of the CA.
      void session.responders;
      await session.order();
      try {
        const { chain, names, validOrder } = await sharedIssuance(session);
        const seen = `The order of ${names.join(', ')} is ${JSON.stringify(jsonObject(validOrder)?.status)}`;
        return expectThat(chain.length > 0, `${seen}; the download has ${chain.length} certificates.`);
      } catch (error) {
        if (!(error instanceof UnmetNeed)) throw error;
        const isStuck = error.message.includes('an order that is ready');
        return failed(`Not issued: ${error.message}${isStuck ? ' (cert-manager issues 2868 and 5602)' : ''}.`);
      }
    },
  },
  {
    ...standard,
    id: 'finalize-answer',
    group: 38,
    section: '7.4',
    level: 'MUST',
    basis: 'statement',
    asserts: 'A finalize that the CA takes is answered 200 with the order, which is processing or valid.',
    async run(session) {
      const { finalized } = await sharedIssuance(session);
      const status = jsonObject(finalized)?.status;
      const right = finalized.status === 200 && (status === 'processing' || status === 'valid');
      return expectThat(right, `It was answered ${finalized.status}, status ${JSON.stringify(status ?? null)}.`);
    },
  },
  {
    ...standard,
    id: 'finalize-answer-has-location',
    group: 38,
    section: '7.4',
    level: 'SHOULD',
    basis: 'statement',
    asserts: "The answer to finalize has the order's URL in Location.",
    async run(session) {
      const { finalized, order } = await sharedIssuance(session);
      const location = header(finalized, 'location');
      const right = location === order.url;
      const known = ' (golang/go issue 73504: the ACME client of Go, which cert-manager uses, polls that URL)';
      return expectThat(right, `Location is ${location ?? 'absent'}${right ? '' : known}.`);
    },
  },
  {
    ...standard,
    id: 'processing-says-when-to-come-back',
    group: 38,
    section: '7.4',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'Where finalize is answered with an order that is processing, Retry-After says when to come back.',
    async run(session) {
      const { finalized } = await sharedIssuance(session);
      const status = jsonObject(finalized)?.status;
      if (status !== 'processing') return skipped(`the order was ${JSON.stringify(status)} at once`);
      const value = header(finalized, 'retry-after');
      const seconds = retryAfterSeconds(finalized);
      if (value === undefined) return failed('The answer has no Retry-After (cert-manager issue 5062).');
      if (seconds === null) return failed(`Retry-After is neither seconds nor a date: ${JSON.stringify(value)}.`);
      return passed(`Retry-After is ${JSON.stringify(value)}.`);
    },
  },
  {
    ...standard,
    id: 'valid-order-names-its-certificate',
    group: 38,
    section: '7.1.3',
    level: 'MUST',
    basis: 'statement',
    asserts: 'A valid order that is read has the URL of its certificate, and the same identifiers.',
    async run(session) {
      const { validOrder, certificateUrl, names } = await sharedIssuance(session);
      const { identifiers } = jsonObject(validOrder) ?? {};
      const values = Array.isArray(identifiers)
        ? identifiers.map(({ value }: { value?: unknown }) => String(value).toLowerCase())
        : [];
      const right = values.toSorted().join(' ') === names.toSorted().join(' ');
      return expectThat(right, `certificate is ${certificateUrl}, the identifiers are ${values.join(', ')}.`);
    },
  },
  {
    ...standard,
    id: 'finalize-of-valid-order',
    group: 36,
    section: '7.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'A finalize of an order that is valid already is answered 403 orderNotReady.',
    async run(session) {
      const { order, csr } = await sharedIssuance(session);
      const answer = await finalize(session, order, csr);
      const right = answer.status === 403 && errorType(answer) === 'orderNotReady';
      const known = ' (cert-manager issue 4441: it reads the order again where the type is orderNotReady)';
      return expectThat(right, `It was answered ${inWords(answer)}${right ? '' : known}.`);
    },
  },
];

/** They share an order, so one after the other; the last one uses it up. */
export const csrChecks: readonly CaCheck[] = [
  ...faults.map(faultCheck),
  {
    ...standard,
    id: 'bad-csr-is-named',
    group: 37,
    section: '7.4',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'A CSR is refused as badCSR.',
    async run(session) {
      const refused = (await refusedCsrs(session)).filter(({ fault }) => fault.isBadCsr);
      const others = refused.filter(({ answer }) => errorType(answer) !== 'badCSR');
      const right = others.length === 0;
      return expectThat(
        right,
        right ? `All ${refused.length} are.` : `Not so: ${idsOf(others, ({ answer }) => inWords(answer))}.`,
      );
    },
  },
  {
    ...standard,
    id: 'refused-csr-leaves-order-ready',
    group: 37,
    section: '7.4',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'After a CSR was refused, its order is still ready.',
    async run(session) {
      const others = (await refusedCsrs(session)).filter(({ status }) => status !== 'ready');
      const words = ({ status }: TriedCsr) => JSON.stringify(status ?? null);
      return expectThat(others.length === 0, others.length === 0 ? 'It is.' : `Not so: ${idsOf(others, words)}.`);
    },
  },
  {
    ...standard,
    id: 'refused-csr-issues-nothing',
    group: 37,
    section: '7.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'No certificate is issued for a CSR that was refused.',
    async run(session) {
      const refused = await refusedCsrs(session);
      const others = refused.filter(
        ({ status, hasCertificate }) => hasCertificate || status === 'valid' || status === 'processing',
      );
      if (others.length === 0) return passed(`None for the ${refused.length} that were refused.`);
      const words = ({ status }: TriedCsr) => `the order is ${JSON.stringify(status)}`;
      return failed(`A certificate in spite of the refusal: ${idsOf(others, words)} (cert-manager issue 7493).`);
    },
  },
  {
    ...standard,
    id: 'amended-csr-is-taken',
    group: 37,
    section: '7.4',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'After a CSR was refused, the order is finalized with an amended one.',
    async run(session) {
      await refusedCsrs(session);
      const { order, name, isReady } = await csrTrials(session);
      if (!isReady) return skipped('the order did not stay ready');
      const key = await createCertificateKey();
      const csr = await createCertificateRequest(key, { names: [name] });
      const finalized = await finalize(session, order, csr);
      if (!succeeded(finalized)) return failed(`It was answered ${inWords(finalized)}.`);
      const { chain } = await collect(session, { order, names: [name], key, csr, finalized });
      return expectThat(
        chain.length > 0,
        `It was answered ${finalized.status}, and ${chain.length} certificates came.`,
      );
    },
  },
];

/** Each needs an order of its own. */
export const commonNameChecks: readonly CaCheck[] = [
  {
    ...standard,
    id: 'csr-with-foreign-common-name',
    group: 37,
    section: '7.4',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'No certificate has a common name that its order does not have, though the CSR asks for it.',
    async run(session) {
      const label = 'csr-foreign-cn';
      const names = [session.name(label)];
      const foreign = session.name('csr-cn-not-ordered');
      const order = await readyOrder(session, { label });
      const key = await createCertificateKey();
      const csr = await createCertificateRequest(key, { names, commonName: foreign });
      const finalized = await finalize(session, order, csr);
      if (!succeeded(finalized)) {
        return expectThat(finalized.status < 500, `The CSR was answered ${inWords(finalized)}.`);
      }
      const issued = await collect(session, { order, names, key, csr, finalized });
      const commonName = commonNameOf(leafOf(issued));
      const seen = `The CA issued; the common name is ${commonName ?? 'absent'}`;
      return commonName === foreign
        ? failed(`${seen}, which was not ordered.`)
        : warned(`${seen}: it left out in silence what the CSR asked for.`);
    },
  },
  {
    ...standard,
    id: 'name-in-common-name-only',
    group: 37,
    section: '7.4',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'A name of the order that the CSR has only in its common name counts, and is in the certificate.',
    async run(session) {
      const names = [session.name('csr-cn-only'), session.name('csr-cn-other')] as const;
      const order = await readyOrder(session, { label: 'csr-cn-only', names });
      const key = await createCertificateKey();
      const csr = await createCertificateRequest(key, { names: [names[1]], commonName: names[0] });
      const finalized = await finalize(session, order, csr);
      const known = ' (cert-manager issue 7889)';
      if (!succeeded(finalized)) return failed(`The CSR was answered ${inWords(finalized)}${known}.`);
      const leaf = leafOf(await collect(session, { order, names, key, csr, finalized }));
      const there = commonNameOf(leaf) === names[0] || leaf.toString('text').includes(names[0]);
      return expectThat(there, there ? 'The CA issued, with that name.' : 'The CA issued, but without that name.');
    },
  },
];
