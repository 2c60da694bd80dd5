import type { Evidence, TlsProbe } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { describeError, type TlsAnswer, tlsProbe } from '../../issuance/recorded-probe.ts';
import {
  describeCertificate,
  describeValidity,
  ipAddressesOf,
  type ParsedCertificate,
  parseCertificates,
  pathToRoot,
  validAt,
} from '../../issuance/x509-chain.ts';
import { type Check, failed, passed } from '../check.ts';
import { unknownRoots } from '../unknown-roots.ts';

const trustedName = probeNames.tlsTrusted;
const foreignName = probeNames.tlsForeignRoot;

/** OpenSSL's error codes for a missing trusted root; any other failure of the control would prove nothing. */
const untrustedCodes = [
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
];
const serverAuth = '1.3.6.1.5.5.7.3.1';

/**
 * Verifies the served chain again (RFC 5280, section 6, without revocation and policies) against the roots from the
 * CA's management endpoint. It uses nothing from the Secret.
 */
export const chainEndsAtTheCasRoot: Check = {
  id: 'chain-ends-at-the-cas-root',
  asserts:
    "A client that trusts only the CA's roots accepts the served chain for the host, and a client that trusts only a foreign root rejects it.",
  judge(evidence) {
    const unknown = unknownRoots(evidence);
    if (unknown) return unknown;
    const trusted = trustedPath(evidence);
    const control = foreignRootDefect(evidence);
    const defects = [typeof trusted === 'string' ? trusted : [], control ?? []].flat();
    if (typeof trusted === 'string' || defects.length > 0) return failed(defects.join(' '));
    return passed(
      `${trusted.map(describeCertificate).join(' → ')} verifies for ${evidence.subject.host}; a client that trusts only ${evidence.ca.foreignRoot.subject} refuses it.`,
    );
  },
};

/** The verified path from the served leaf to the CA's root, or a sentence that explains why there is no path. */
function trustedPath(evidence: Evidence): readonly ParsedCertificate[] | string {
  const { host } = evidence.subject;
  const probe = tlsProbe(evidence, trustedName);
  const answer = answerOf(evidence, probe, trustedName, 'ca-roots');
  if (typeof answer === 'string') return answer;
  if (probe === undefined || 'error' in answer) {
    return `TLS probe "${trustedName}" should have been served a certificate for ${host}, but ended in ${'error' in answer ? describeError(answer) : 'nothing'}.`;
  }
  const roots = parseCertificates(evidence.ca.roots, "the CA's roots");
  if (typeof roots === 'string') return roots;
  const served = parseCertificates(answer.chain, `the chain served to probe "${trustedName}"`);
  if (typeof served === 'string') return served;
  const [leaf] = served;
  if (leaf === undefined) return `TLS probe "${trustedName}" recorded no served certificate.`;

  const path = pathToRoot(served, roots);
  if (path === null) {
    return `The chain served for ${host} does not end at a root of the CA: served ${served.map(describeCertificate).join(' → ')}; the leaf's issuer is ${leaf.facts.issuer}; the CA's roots are ${roots.map(describeCertificate).join(', ')}.`;
  }
  const isAddress = /:|^[\d.]+$/.test(host);
  const isFor = isAddress ? leaf.x509.checkIP(host) : leaf.x509.checkHost(host, { subject: 'never' });
  if (isFor === undefined) {
    return `The served leaf is for ${[...leaf.dnsNames, ...ipAddressesOf(leaf.x509)].join(', ') || 'no DNS name'}, not for ${host}.`;
  }
  const usages = leaf.x509.keyUsage;
  if (usages !== undefined && !usages.includes(serverAuth)) {
    return `The served leaf ${describeCertificate(leaf)} is not a TLS server certificate: its extended key usages are ${usages.join(', ')}.`;
  }
  const untimely = path.find((certificate) => !validAt(certificate.x509, probe.at));
  if (untimely !== undefined) {
    return `${describeCertificate(untimely)} in the path to the CA's root is valid from ${describeValidity(untimely.x509)}, not at the probe (${probe.at}).`;
  }
  if (!answer.authorized) {
    return `The served chain verifies against the CA's roots here, but the client of probe "${trustedName}" refused it: ${answer.authorizationError ?? 'no reason recorded'}.`;
  }
  return path;
}

/** The defect of the control, the client that must reject the chain; null when it has none. */
function foreignRootDefect(evidence: Evidence): string | null {
  const { foreignRoot, roots } = evidence.ca;
  if (roots.some((root) => root.fingerprintSha256 === foreignRoot.fingerprintSha256)) {
    return "The control proves nothing: the foreign root is one of the CA's roots.";
  }
  const answer = answerOf(evidence, tlsProbe(evidence, foreignName), foreignName, 'foreign-root');
  if (typeof answer === 'string') return answer;
  if (!('error' in answer) && answer.authorized) {
    return `A client that trusts only the foreign root ${foreignRoot.subject} should refuse the served chain, but probe "${foreignName}" accepted it.`;
  }
  const reason =
    'error' in answer ? (answer.code ?? answer.error) : (answer.authorizationError ?? 'no reason recorded');
  if (!untrustedCodes.includes(reason)) {
    return `The control proves nothing: probe "${foreignName}" should have failed because it lacks a trusted root (e.g. ${untrustedCodes[1]}), but failed with ${reason}.`;
  }
  return null;
}

type TlsError = Extract<TlsProbe['outcome'], { error: string }>;

function answerOf(
  evidence: Evidence,
  probe: TlsProbe | undefined,
  name: string,
  trust: TlsProbe['trust'],
): TlsAnswer | TlsError | string {
  if (probe === undefined) return `The evidence has no TLS probe "${name}".`;
  if (probe.trust !== trust) return `TLS probe "${name}" should have trusted ${trust}, but trusted ${probe.trust}.`;
  if (probe.serverName.toLowerCase() !== evidence.subject.host.toLowerCase()) {
    return `TLS probe "${name}" should have asked for ${evidence.subject.host}, but asked for ${probe.serverName}.`;
  }
  return probe.outcome;
}
