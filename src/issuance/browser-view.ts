import { z } from 'zod';
import type { BrowserProbe, Evidence } from '../evidence/evidence.ts';
import { timestamp } from './schema-atoms.ts';

export const browserViewSchema = z
  .strictObject({
    browser: z.string().min(1).describe('product and version'),
    url: z.string().describe('the URL that was opened'),
    securityState: z.string().describe("'secure' is the padlock"),
    protocol: z.string().describe('e.g. TLS 1.3'),
    issuer: z.string().describe('common name'),
    subject: z.string().describe('common name; empty when the CA sets none'),
    dnsNames: z.array(z.string()).describe('of the subject alternative name'),
    validFrom: timestamp,
    validTo: timestamp,
    withoutRoot: z.string().nullable().describe("the control: the outcome of the same page without the CA's root"),
    screenshot: z
      .string()
      .regex(/^evidence\/[a-z0-9]+(-[a-z0-9]+)*\.png$/)
      .nullable()
      .describe('path of the screenshot, relative to the report'),
    screenshotSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable()
      .describe("lower-case hexadecimal, of the screenshot's bytes"),
  })
  .describe('what a browser showed that trusts only the CA');

export type BrowserView = z.infer<typeof browserViewSchema>;

/** What the browser showed that trusts the CA's root alone, or null if none showed a page. The picture is added with its file. */
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
