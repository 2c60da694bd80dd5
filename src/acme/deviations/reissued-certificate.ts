import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { base64url, exportJWK } from 'jose';
import { errorType, jsonObject, succeeded } from '../client/answer.ts';
import { namesOf } from '../client/certificate-subject.ts';
import { certificatesOf } from '../client/issuance.ts';
import type { Forward, HttpAnswer, HttpRequest } from '../client/transport.ts';
import { withFields } from './answer-change.ts';
import { type Conversation, thumbprint } from './conversation.ts';
import type { Deviation } from './deviation.ts';
import { readSigned } from './signed-request.ts';

/** The parts of a leaf certificate that a deviation may change. */
export interface LeafDraft {
  readonly serialNumber: string;
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: x509.PublicKey | webcrypto.CryptoKey;
  readonly extensions: readonly x509.Extension[];
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
let ownKey: Promise<webcrypto.CryptoKeyPair> | undefined;

/** The key of the deviations' own authority. */
function authorityKey(): Promise<webcrypto.CryptoKeyPair> {
  ownKey ??= webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return ownKey;
}

/** A leaf that replaces one of the CA behind. */
interface Reissued {
  readonly pem: string;
  readonly original: x509.X509Certificate;
  readonly leaf: x509.X509Certificate;
  readonly owner: string | undefined;
}

const memoryKey = 'reissued certificates by URL';
const revokedKey = 'reissued certificates that were revoked';

function reissuedOf({ memory }: Conversation): Map<string, Promise<Reissued | null>> {
  const known = memory.get(memoryKey) as Map<string, Promise<Reissued | null>> | undefined;
  const all = known ?? new Map<string, Promise<Reissued | null>>();
  memory.set(memoryKey, all);
  return all;
}

function revokedOf({ memory }: Conversation): Set<Reissued> {
  const all = (memory.get(revokedKey) as Set<Reissued> | undefined) ?? new Set<Reissued>();
  memory.set(revokedKey, all);
  return all;
}

/**
 * Replaces the leaf certificates of the CA behind with those of an authority of its own, which takes the place of the issuer.
 * Their revocation and renewal information work as usual.
 */
export function reissueCertificates(
  change: (leaf: LeafDraft, original: x509.X509Certificate) => LeafDraft | null | Promise<LeafDraft | null>,
  /** How many CA certificates follow the leaf. */
  authorities = 1,
): Deviation['apply'] {
  return async (request, forward, conversation) => {
    if (conversation.isFor(request, 'renewalInfo')) return renewalInformation(request, forward, conversation);
    const answer = await forward(request);
    if (conversation.isFor(request, 'authorization')) learnHolder(request, answer, conversation);
    if (conversation.isFor(request, 'revokeCert')) return revocation(request, answer, conversation);
    if (!succeeded(answer) || !conversation.isFor(request, 'certificate')) return answer;
    const all = reissuedOf(conversation);
    const made = all.get(request.url) ?? reissue(answer, conversation.ownerOf(request.url), change, authorities);
    all.set(request.url, made);
    const reissued = await made;
    return reissued === null ? answer : { ...answer, body: reissued.pem };
  };
}

async function reissue(
  { body }: HttpAnswer,
  owner: string | undefined,
  change: Parameters<typeof reissueCertificates>[0],
  authorities: number,
): Promise<Reissued | null> {
  const [original] = certificatesOf(body);
  if (original === undefined) return null;
  const { serialNumber, subject, notBefore, notAfter, publicKey, extensions } = original;
  const draft = await change({ serialNumber, subject, notBefore, notAfter, publicKey, extensions }, original);
  if (draft === null) return null;
  const { privateKey } = await authorityKey();
  const leaf = await x509.X509CertificateGenerator.create({
    ...{ ...draft, extensions: [...draft.extensions], issuer: original.issuer },
    ...{ signingKey: privateKey, signingAlgorithm: algorithm },
  });
  const chain = [leaf];
  for (let level = 1; level <= authorities; level += 1) chain.push(await authority(original, level, authorities));
  return { pem: chain.map((one) => `${one.toString('pem')}\n`).join(''), original, leaf, owner };
}

/** The first has the name and key identifier of the original issuer, the last is self-signed. */
async function authority(original: x509.X509Certificate, level: number, of: number): Promise<x509.X509Certificate> {
  const { publicKey, privateKey } = await authorityKey();
  const nameAt = (at: number) => (at === 1 ? original.issuer : `CN=Deviant authority ${at}`);
  const keyId = original.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
  return x509.X509CertificateGenerator.create({
    serialNumber: `0${level}`,
    ...{ subject: nameAt(level), issuer: nameAt(Math.min(level + 1, of)) },
    ...{ notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000_000) },
    ...{ publicKey, signingKey: privateKey, signingAlgorithm: algorithm },
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ...(level === 1 && keyId !== undefined ? [new x509.SubjectKeyIdentifierExtension(keyId)] : []),
    ],
  });
}

async function find(
  conversation: Conversation,
  isWanted: (reissued: Reissued) => boolean,
): Promise<Reissued | undefined> {
  const all = await Promise.all(reissuedOf(conversation).values());
  return all.find((one): one is Reissued => one !== null && isWanted(one));
}

function holderKey(kid: unknown, name: string): string {
  return `holder of an authorization: ${String(kid)} ${name}`;
}

function learnHolder(request: HttpRequest, answer: HttpAnswer, { memory }: Conversation): void {
  const { identifier, status } = jsonObject(answer) ?? {};
  if (!succeeded(answer) || status !== 'valid') return;
  memory.set(holderKey(readSigned(request)?.header.kid, (identifier as { value: string }).value), true);
}

/** Answers for the CA behind, which does not know the certificate. */
async function revocation(request: HttpRequest, answer: HttpAnswer, conversation: Conversation): Promise<HttpAnswer> {
  const signed = readSigned(request);
  if (signed === null || succeeded(answer) || errorType(answer) !== 'malformed') return answer;
  const der = signed.fields.certificate;
  const isIt = ({ leaf }: Reissued) => base64url.encode(new Uint8Array(leaf.rawData)) === der;
  const reissued = await find(conversation, isIt);
  if (reissued === undefined) return answer;
  const { kid, jwk } = signed.header;
  const certified = await thumbprint(await exportJWK(await reissued.original.publicKey.export()));
  const holdsAll = () => namesOf(reissued.original).every((name) => conversation.memory.has(holderKey(kid, name)));
  const isAllowed = kid === undefined ? (await thumbprint(jwk)) === certified : kid === reissued.owner || holdsAll();
  if (!isAllowed) return conversation.problem(403, 'unauthorized', 'another account has this certificate');
  const revoked = revokedOf(conversation);
  if (revoked.has(reissued)) return conversation.problem(400, 'alreadyRevoked', 'the certificate is already revoked');
  revoked.add(reissued);
  return conversation.answer(200, {});
}

/** The last part of the URL of renewal information (RFC 9773 section 4.1). */
function serialPartOf({ serialNumber }: x509.X509Certificate): string {
  const octets = Buffer.from(serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`, 'hex');
  return `.${base64url.encode(octets)}`;
}

async function renewalInformation(
  request: HttpRequest,
  forward: Forward,
  conversation: Conversation,
): Promise<HttpAnswer> {
  const reissued = await find(conversation, ({ leaf }) => request.url.endsWith(serialPartOf(leaf)));
  if (reissued === undefined) return forward(request);
  const url = request.url.slice(0, -serialPartOf(reissued.leaf).length) + serialPartOf(reissued.original);
  const answer = await forward({ ...request, url });
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const suggestedWindow = { start: hourAgo, end: new Date().toISOString() };
  return revokedOf(conversation).has(reissued) ? withFields(answer, { suggestedWindow }) : answer;
}
