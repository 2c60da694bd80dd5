import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { base64url } from 'jose';
import { header, inWords, jsonObject, succeeded } from './answer.ts';
import { readUntil } from './authorization.ts';
import {
  type CertificateKey,
  type CertificateKeyAlgorithm,
  createCertificateKey,
  createCertificateRequest,
} from './certificate-request.ts';
import { oncePerSession } from './once-per-session.ts';
import type { SolvableType } from './present.ts';
import { type Account, type AcmeSession, type Order, UnmetNeed } from './session.ts';
import { solveAll } from './solve.ts';
import type { HttpAnswer } from './transport.ts';

/** A certificate that the CA issued to the probe, with the answers on the way. */
export interface Issued {
  readonly order: Order;
  /** The ordered names. */
  readonly names: readonly string[];
  readonly key: CertificateKey;
  readonly csr: Buffer;
  /** The answer to finalize. */
  readonly finalized: HttpAnswer;
  /** The order once it was valid. */
  readonly validOrder: HttpAnswer;
  readonly certificateUrl: string;
  /** The answer to the download of the certificate. */
  readonly download: HttpAnswer;
  /** In the order of the download: the leaf first, if the CA conforms to RFC 8555 section 7.4.2. */
  readonly chain: readonly x509.X509Certificate[];
}

export interface IssuanceRequest {
  /** Default: one name of its own below the domain. */
  readonly names?: readonly string[];
  /** Makes the name if no names are given. Unique in a run. */
  readonly label: string;
  /** Default: the account that checks share. */
  readonly account?: Account;
  /** Further fields of newOrder: notBefore, notAfter, profile, replaces. */
  readonly orderFields?: Readonly<Record<string, unknown>>;
  readonly type?: SolvableType;
  readonly keyAlgorithm?: CertificateKeyAlgorithm;
}

function identifierOf(value: string): { readonly type: string; readonly value: string } {
  return { type: value.includes(':') || /^\d+(\.\d+){3}$/.test(value) ? 'ip' : 'dns', value };
}

/** A ready order, with all authorizations valid (RFC 8555 section 7.1.6). @throws UnmetNeed if the order does not become ready */
export async function readyOrder(session: AcmeSession, request: IssuanceRequest): Promise<Order> {
  // Throws before the first request: without responders an order is of no use.
  session.needIssuance();
  const account = request.account ?? (await session.account());
  const names = request.names ?? [session.name(request.label)];
  const order = await session.orderOf(account, { identifiers: names.map(identifierOf), ...request.orderFields });
  await solveAll(session, order, request.type);
  const what = 'an order that is ready after its last valid authorization';
  const url = order.url;
  await readUntil(session, { account, url, what }, (_, { status }) => status === 'ready' || status === 'valid');
  return order;
}

/** Sends the CSR (RFC 8555 section 7.4). */
export function finalize(session: AcmeSession, order: Order, csr: Uint8Array): Promise<HttpAnswer> {
  const payload = { csr: base64url.encode(csr) };
  return session.post({ url: order.finalize, by: order.account, payload });
}

/** Waits for the certificate of a finalized order and downloads it. @throws UnmetNeed if the CA issues none */
export async function collect(
  session: AcmeSession,
  { order, names, key, csr, finalized }: Pick<Issued, 'order' | 'names' | 'key' | 'csr' | 'finalized'>,
): Promise<Issued> {
  if (!succeeded(finalized)) throw new UnmetNeed(`the CA refused to finalize: ${inWords(finalized)}`);
  const isEnd = (_: HttpAnswer, { status }: Readonly<Record<string, unknown>>) =>
    status === 'valid' || status === 'invalid';
  const { account, url } = order;
  const validOrder = await readUntil(session, { account, url, what: 'the end of the order' }, isEnd);
  const { status, certificate: certificateUrl } = jsonObject(validOrder) ?? {};
  if (status !== 'valid' || typeof certificateUrl !== 'string' || !URL.canParse(certificateUrl)) {
    throw new UnmetNeed(
      `the order became ${JSON.stringify(status ?? null)} without the URL of a certificate: ${inWords(validOrder)}`,
    );
  }
  const download = await session.read(account, certificateUrl);
  const chain = succeeded(download) ? certificatesOf(download.body) : [];
  const [leaf] = chain;
  if (leaf) session.rememberIssued(account, new Uint8Array(leaf.rawData));
  return { order, names, key, csr, finalized, validOrder, certificateUrl, download, chain };
}

/** The certificates of a PEM text; empty for any other text. */
export function certificatesOf(pem: string): readonly x509.X509Certificate[] {
  try {
    return x509.PemConverter.decode(pem).map((der) => new x509.X509Certificate(der));
  } catch {
    return [];
  }
}

/** A complete issuance by an honest client. @throws UnmetNeed if the CA does not issue */
export async function issue(session: AcmeSession, request: IssuanceRequest): Promise<Issued> {
  const names = request.names ?? [session.name(request.label)];
  const order = await readyOrder(session, { ...request, names });
  const key = await createCertificateKey(request.keyAlgorithm);
  const csr = await createCertificateRequest(key, { names });
  return collect(session, { order, names, key, csr, finalized: await finalize(session, order, csr) });
}

/** The first certificate of the download. @throws UnmetNeed if it has none */
export function leafOf({ chain, download }: Issued): x509.X509Certificate {
  const [leaf] = chain;
  if (leaf) return leaf;
  const type = header(download, 'content-type') ?? 'no Content-Type';
  throw new UnmetNeed(`the download has no PEM certificate: ${download.status}, ${type}`);
}

/** The certificate that checks share. None of them may revoke it. */
export const sharedIssuance = oncePerSession((session) => session.shared(issue(session, { label: 'issued' })));
