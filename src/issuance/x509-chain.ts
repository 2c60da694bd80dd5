import { X509Certificate } from 'node:crypto';
import { messageOf } from '../error-message.ts';
import { certificateFacts } from '../evidence/certificate-facts.ts';
import type { CertificateFacts } from '../evidence/evidence.ts';

/** A certificate parsed from the PEM in the evidence; what a check concludes rests on this and not on the facts beside it. */
export interface ParsedCertificate {
  readonly facts: CertificateFacts;
  readonly x509: X509Certificate;
  readonly fingerprintSha256: string;
  readonly publicKeySha256: string;
  /** The dNSName entries of the subject alternative name. */
  readonly dnsNames: readonly string[];
}

/**
 * Parses certificates and compares each with the facts recorded beside its PEM.
 *
 * @returns the certificates, or one sentence about the first that cannot be relied upon
 */
export function parseCertificates(
  certificates: readonly CertificateFacts[],
  source: string,
): readonly ParsedCertificate[] | string {
  const parsed: ParsedCertificate[] = [];
  for (const [index, facts] of certificates.entries()) {
    const which = `Certificate ${index + 1} of ${source} (${facts.subject})`;
    let certificate: ParsedCertificate;
    try {
      certificate = parse(facts);
    } catch (error) {
      return `${which} cannot be parsed: ${messageOf(error)}`;
    }
    const differing = [
      certificate.fingerprintSha256 === facts.fingerprintSha256 ? [] : 'fingerprint',
      certificate.publicKeySha256 === facts.publicKeySha256 ? [] : 'public key',
      sameSet(certificate.dnsNames, facts.dnsNames) ? [] : 'DNS names',
    ].flat();
    if (differing.length > 0)
      return `${which} has facts that are not those of its PEM: ${differing.join(', ')} differ.`;
    parsed.push(certificate);
  }
  return parsed;
}

function parse(facts: CertificateFacts): ParsedCertificate {
  const { fingerprintSha256, publicKeySha256, dnsNames } = certificateFacts(facts.pem);
  return { facts, x509: new X509Certificate(facts.pem), fingerprintSha256, publicKeySha256, dnsNames };
}

/** The iPAddress entries of the subject alternative name, as text. */
export function ipAddressesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return [...subjectAltName.matchAll(/IP Address:([0-9A-Fa-f.:]+)/g)].flatMap(([, address]) => address ?? []);
}

/** Whether two lists of DNS names hold the same names; case, order and repetition do not count. */
export function sameSet(some: readonly string[], others: readonly string[]): boolean {
  const left = new Set(some.map((name) => name.toLowerCase()));
  const right = new Set(others.map((name) => name.toLowerCase()));
  return left.size === right.size && [...left].every((name) => right.has(name));
}

/** Whether one certificate issued another: names and key identifiers match, it is a CA, and the signature verifies. */
export function issued(issuer: X509Certificate, subject: X509Certificate): boolean {
  return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

/** Whether a time lies within a certificate's validity, both ends included (RFC 5280, section 4.1.2.5). */
export function validAt(certificate: X509Certificate, at: string): boolean {
  const time = Date.parse(at);
  return certificate.validFromDate.getTime() <= time && time <= certificate.validToDate.getTime();
}

export function describeValidity(certificate: X509Certificate): string {
  return `${certificate.validFromDate.toISOString()} to ${certificate.validToDate.toISOString()}`;
}

/**
 * The path from the first certificate of a served chain to one of the roots, both ends included, or null if there
 * is none. The served certificates after the first may come in any order (RFC 8446, section 4.4.2).
 */
export function pathToRoot(
  served: readonly ParsedCertificate[],
  roots: readonly ParsedCertificate[],
): readonly ParsedCertificate[] | null {
  const [leaf, ...others] = served;
  return leaf === undefined ? null : extend([leaf], others, roots);
}

function extend(
  path: readonly ParsedCertificate[],
  others: readonly ParsedCertificate[],
  roots: readonly ParsedCertificate[],
): readonly ParsedCertificate[] | null {
  const last = path.at(-1);
  if (last === undefined) return null;
  const root = roots.find((candidate) => issued(candidate.x509, last.x509));
  if (root !== undefined) return root.fingerprintSha256 === last.fingerprintSha256 ? path : [...path, root];
  for (const [index, candidate] of others.entries()) {
    if (!issued(candidate.x509, last.x509)) continue;
    const found = extend([...path, candidate], others.toSpliced(index, 1), roots);
    if (found !== null) return found;
  }
  return null;
}

/** A short name of a certificate for a message: its DNS names or its subject, and the start of its fingerprint. */
export function describeCertificate(certificate: ParsedCertificate): string {
  const name = certificate.dnsNames.length > 0 ? certificate.dnsNames.join(', ') : certificate.facts.subject;
  return `"${name}" (SHA-256 ${certificate.fingerprintSha256.slice(0, 16)}…)`;
}
