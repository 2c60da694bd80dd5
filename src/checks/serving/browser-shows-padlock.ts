import type { BrowserProbe, Evidence } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { type BrowserAnswer, browserProbe, describeError, tlsProbe, urlOf } from '../../issuance/recorded-probe.ts';
import { findSecret } from '../../issuance/recorded-secret.ts';
import {
  describeCertificate,
  describeValidity,
  issued,
  type ParsedCertificate,
  parseCertificates,
  pathToRoot,
  validAt,
} from '../../issuance/x509-chain.ts';
import { type Check, failed, passed, skipped } from '../check.ts';
import { unknownRoots } from '../unknown-roots.ts';

const trustedName = probeNames.browserTrusted;
const controlName = probeNames.browserControl;
/** The probe with the address that the browser must have resolved the host to by itself. */
const gatewayProbeName = probeNames.tlsTrusted;
/** Chromium's error code for a missing trusted root; any other failure of the control would prove nothing. */
const untrustedCode = 'ERR_CERT_AUTHORITY_INVALID';

/** The goal of the use case, as a user sees it: the page is secure only because the browser trusts its CA. */
export const browserShowsPadlock: Check = {
  id: 'browser-shows-padlock',
  asserts:
    "A browser that trusts only the CA's roots shows https://host as secure with the Secret's certificate, and a browser that trusts no root refuses it.",
  judge(evidence) {
    const unknown = unknownRoots(evidence);
    if (unknown) return unknown;
    const trusted = browserProbe(evidence, trustedName);
    const control = browserProbe(evidence, controlName);
    const probes = [trusted, control].filter((probe) => probe !== undefined);
    if (probes.length === 0) return failed(`The evidence has no browser probe "${trustedName}" or "${controlName}".`);
    const reasons = probes.flatMap(({ outcome }) => ('unavailable' in outcome ? outcome.unavailable : []));
    const [reason] = reasons;
    if (reason !== undefined && reasons.length === probes.length) return skipped(`No browser was available: ${reason}`);

    const page = securePage(evidence, trusted);
    const defects = [typeof page === 'string' ? page : [], controlDefect(evidence, control) ?? []].flat();
    if (typeof page === 'string' || defects.length > 0) return failed(defects.join(' '));
    const { browser, answer, path } = page;
    return passed(
      `${browser} shows https://${evidence.subject.host} from ${answer.address} as secure over ${answer.protocol} with ${path.map(describeCertificate).join(' → ')}; without the CA's root it refuses it with ${untrustedCode}.${aboutNetworkChanges(probes)}`,
    );
  },
};

/** Says that the browsers had to look again: a change of the network says nothing about the page. */
function aboutNetworkChanges(probes: readonly BrowserProbe[]): string {
  const changes = probes.reduce((sum, { networkChanges = 0 }) => sum + networkChanges, 0);
  if (changes === 0) return '';
  return ` The network of the browser's machine changed ${changes === 1 ? 'once' : `${changes} times`} meanwhile, so the browser looked again.`;
}

interface SecurePage {
  readonly browser: string;
  readonly answer: BrowserAnswer;
  /** From the leaf to the CA's root. */
  readonly path: readonly ParsedCertificate[];
}

/** What the browser that trusts the CA showed, or a sentence that explains why it was no padlock. */
function securePage(evidence: Evidence, probe: BrowserProbe | undefined): SecurePage | string {
  const { host } = evidence.subject;
  const answer = outcomeOf(evidence, probe, trustedName, 'ca-roots');
  if (typeof answer === 'string') return answer;
  if (probe === undefined || 'error' in answer) {
    return `The browser of probe "${trustedName}" should have shown https://${host}, but failed with ${'error' in answer ? describeError(answer) : 'nothing'}.`;
  }
  if (answer.status !== 200) return `The browser got status ${answer.status} from ${probe.url}, not 200.`;
  if (answer.securityState !== 'secure') {
    return `The browser shows ${probe.url} as ${answer.securityState}, not as secure.`;
  }
  const gateway = tlsProbe(evidence, gatewayProbeName)?.address;
  if (gateway === undefined) {
    return `The evidence has no TLS probe "${gatewayProbeName}", so the browser's address has nothing to be compared with.`;
  }
  if (answer.address !== gateway) {
    return `The browser connected to ${answer.address ?? 'an address that was not recorded'}, but the gateway's address is ${gateway}.`;
  }
  const path = verifiedPath(evidence, probe, answer);
  if (typeof path === 'string') return path;
  return { browser: probe.browser ?? 'The browser', answer, path };
}

/** The path from the leaf that the browser was served to the CA's root, or a sentence with the defect. */
function verifiedPath(
  evidence: Evidence,
  probe: BrowserProbe,
  answer: BrowserAnswer,
): readonly ParsedCertificate[] | string {
  const { host } = evidence.subject;
  const secret = findSecret(evidence);
  if (typeof secret === 'string') return secret;
  const held = parseCertificates(secret.facts.certificates.slice(0, 1), `tls.crt of ${secret.name}`);
  if (typeof held === 'string') return held;
  const built = parseCertificates(answer.chain, `the chain of browser probe "${trustedName}"`);
  if (typeof built === 'string') return built;
  const roots = parseCertificates(evidence.ca.roots, "the CA's roots");
  if (typeof roots === 'string') return roots;
  const [heldLeaf] = held;
  const [leaf, issuer] = built;
  if (heldLeaf === undefined) return `${secret.name} holds no certificate in tls.crt.`;
  if (leaf === undefined) return `Browser probe "${trustedName}" recorded no certificate.`;

  if (leaf.fingerprintSha256 !== heldLeaf.fingerprintSha256) {
    return `The browser was served ${describeCertificate(leaf)}, but ${secret.name} holds ${describeCertificate(heldLeaf)}.`;
  }
  if (leaf.x509.checkHost(host, { subject: 'never' }) === undefined) {
    return `The browser's certificate is for ${leaf.dnsNames.join(', ') || 'no DNS name'}, not for ${host}.`;
  }
  if (!validAt(leaf.x509, probe.at)) {
    return `The browser's certificate is valid from ${describeValidity(leaf.x509)}, not when it was shown (${probe.at}).`;
  }
  const { validFromDate, validToDate } = leaf.x509;
  if (
    Date.parse(answer.validFrom) !== validFromDate.getTime() ||
    Date.parse(answer.validTo) !== validToDate.getTime()
  ) {
    return `The browser shows a certificate that is valid from ${answer.validFrom} to ${answer.validTo}, but its chain's leaf is valid from ${describeValidity(leaf.x509)}.`;
  }
  const issuerName = commonNameOfIssuer(leaf);
  if (answer.issuer !== issuerName) {
    return `The browser shows "${answer.issuer}" as the issuer, but the leaf of its chain names "${issuerName}".`;
  }
  if (issuer === undefined || !issued(issuer.x509, leaf.x509)) {
    return `The second certificate of the browser's chain, ${issuer === undefined ? 'which is missing,' : describeCertificate(issuer)} did not issue the first.`;
  }
  const path = pathToRoot(built, roots);
  if (path === null) {
    return `The browser's chain does not end at a root of the CA: ${built.map(describeCertificate).join(' → ')}; the CA's roots are ${roots.map(describeCertificate).join(', ')}.`;
  }
  return path;
}

/** The defect of the control, the browser that must refuse the page; null when it has none. */
function controlDefect(evidence: Evidence, probe: BrowserProbe | undefined): string | null {
  const outcome = outcomeOf(evidence, probe, controlName, 'none');
  if (typeof outcome === 'string') return outcome;
  if ('status' in outcome) {
    return `A browser that trusts no root should refuse https://${evidence.subject.host}, but that of probe "${controlName}" showed it with status ${outcome.status}.`;
  }
  if (outcome.code !== untrustedCode) {
    return `The control proves nothing: the browser of probe "${controlName}" should have failed with ${untrustedCode}, but failed with ${describeError(outcome)}.`;
  }
  return null;
}

type Asked = Exclude<BrowserProbe['outcome'], { unavailable: string }>;

function outcomeOf(
  evidence: Evidence,
  probe: BrowserProbe | undefined,
  name: string,
  trust: BrowserProbe['trust'],
): Asked | string {
  const { host } = evidence.subject;
  if (probe === undefined) return `The evidence has no browser probe "${name}".`;
  if (probe.trust !== trust) return `Browser probe "${name}" should have trusted ${trust}, but trusted ${probe.trust}.`;
  const url = urlOf(probe);
  // `host` has the port, which the default one leaves out.
  if (url?.protocol !== 'https:' || url.host !== host.toLowerCase()) {
    return `Browser probe "${name}" should have opened https://${host}, but opened ${probe.url}.`;
  }
  if ('unavailable' in probe.outcome) return `Browser probe "${name}" was not made: ${probe.outcome.unavailable}`;
  return probe.outcome;
}

/** As browsers show it: empty if the issuer's name has no common name. */
function commonNameOfIssuer({ x509 }: ParsedCertificate): string {
  const name = x509.toLegacyObject().issuer?.CN;
  return (Array.isArray(name) ? name[0] : name) ?? '';
}
