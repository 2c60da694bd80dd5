import type { BrowserProbe, Evidence } from '../evidence/evidence.ts';
import type { BrowserView } from '../report/report.ts';

/** What the browser showed that trusts the CA's root alone, or null where none showed a page. The picture is added with its file. */
export function browserViewOf(evidence: Evidence): BrowserView | null {
  const trusted = browserProbe(evidence, 'ca-roots');
  if (trusted === undefined || !('securityState' in trusted.outcome)) return null;
  const { securityState, protocol, issuer, subject, validFrom, validTo, chain } = trusted.outcome;
  const control = browserProbe(evidence, 'none')?.outcome;
  return {
    browser: trusted.browser ?? 'unknown',
    url: trusted.url,
    securityState,
    protocol,
    issuer,
    subject,
    dnsNames: chain[0]?.dnsNames ?? [],
    validFrom,
    validTo,
    withoutRoot: control === undefined || 'unavailable' in control ? null : describe(control),
    screenshot: null,
    screenshotSha256: trusted.outcome.screenshotSha256,
  };
}

function browserProbe(evidence: Evidence, trust: BrowserProbe['trust']): BrowserProbe | undefined {
  return evidence.probes.filter((probe) => probe.kind === 'browser').findLast((probe) => probe.trust === trust);
}

function describe(outcome: Exclude<BrowserProbe['outcome'], { unavailable: string }>): string {
  return 'error' in outcome ? (outcome.code ?? outcome.error) : `the page, ${outcome.securityState}`;
}
