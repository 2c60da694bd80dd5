import { z } from 'zod';
import type { Evidence } from '../evidence/evidence.ts';
import { probeNames } from '../evidence/probe-names.ts';
import { tlsProbe } from './recorded-probe.ts';
import { timestamp } from './schema-atoms.ts';
import { type ParsedCertificate, parseCertificates, pathToRoot } from './x509-chain.ts';

export const chainCertificateSchema = z
  .strictObject({
    role: z.enum(['leaf', 'intermediate', 'root']).describe('the position in the chain'),
    origin: z.enum(['served', 'ca']).describe("'served' by the gateway, or one of the CA's roots"),
    subject: z.string().describe('distinguished name; may be empty'),
    issuer: z.string().describe('distinguished name'),
    serialNumber: z.string().describe('lower-case hexadecimal'),
    dnsNames: z.array(z.string()).describe('of the subject alternative name'),
    notBefore: timestamp,
    notAfter: timestamp,
    fingerprintSha256: z.string().describe('lower-case hexadecimal, of the DER'),
  })
  .describe('a certificate of the chain that the gateway served');

export type ChainCertificate = z.infer<typeof chainCertificateSchema>;

/**
 * The chain that the gateway served, leaf first, each as it was sent; then the CA's root that it ends at, if it does and
 * the server did not send it. Empty if nothing was served.
 */
export function chainOf(evidence: Evidence): ChainCertificate[] {
  const outcome = tlsProbe(evidence, probeNames.tlsTrusted)?.outcome;
  if (outcome === undefined || 'error' in outcome) return [];
  const served = parseCertificates(outcome.chain, 'the served chain');
  const roots = parseCertificates(evidence.ca.roots, "the CA's roots");
  if (typeof served === 'string' || typeof roots === 'string') return [];
  const isRoot = ({ fingerprintSha256 }: ParsedCertificate) =>
    roots.some((root) => root.fingerprintSha256 === fingerprintSha256);
  const end = pathToRoot(served, roots)?.at(-1);
  const sent = served.map((certificate, index) =>
    described(certificate, index === 0 ? 'leaf' : isRoot(certificate) ? 'root' : 'intermediate', 'served'),
  );
  const endWasSent = served.some(({ fingerprintSha256 }) => fingerprintSha256 === end?.fingerprintSha256);
  return end === undefined || endWasSent ? sent : [...sent, described(end, 'root', 'ca')];
}

function described(
  { facts }: ParsedCertificate,
  role: ChainCertificate['role'],
  origin: ChainCertificate['origin'],
): ChainCertificate {
  const { pem: _, publicKeySha256: __, ...shown } = facts;
  return { role, origin, ...shown };
}
