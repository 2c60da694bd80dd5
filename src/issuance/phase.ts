import { z } from 'zod';
import { durationMs, stableId } from './schema-atoms.ts';

interface PhaseKind {
  readonly from: string;
  readonly to: string;
}

/**
 * Every phase of an issuance, by its stable name, in their order. Names are part of the report's format: add to them, but
 * never rename one.
 */
export const phases = {
  'account-registered': { from: 'Issuer applied', to: 'Issuer Ready' },
  'order-created': { from: 'Certificate applied', to: 'Order exists' },
  'record-presented': { from: 'Order exists', to: 'TXT record of the DNS-01 Challenge set (presented)' },
  propagation: { from: 'TXT record set', to: "the CA's lookup, after cert-manager's self-check" },
  'dns-validation': { from: "the CA's lookup by its log", to: 'DNS-01 Challenge valid' },
  'solver-ready': { from: 'Order exists', to: 'solver Pod Ready' },
  'route-live': { from: 'solver Pod Ready', to: 'first 200 for the challenge path from the solver, for any client' },
  'self-check': { from: 'the same 200', to: "end of cert-manager's last passed self-check before the CA asked" },
  validation: { from: "the CA's first request that the solver answered 200", to: 'Challenge valid' },
  'record-removed': { from: 'DNS-01 Challenge valid', to: 'Challenge gone, and with it its TXT record' },
  'secret-written': { from: 'all Challenges of the Order valid', to: 'Secret holds a certificate' },
  'certificate-ready': { from: 'Certificate applied', to: 'Certificate Ready' },
  served: { from: 'Secret written', to: 'end of the first TLS handshake from outside that got this certificate' },
  total: { from: 'Certificate applied', to: 'the same handshake' },
} as const satisfies Readonly<Record<string, PhaseKind>>;

export type PhaseName = keyof typeof phases;

/** A phase of a report. Names are a pattern, not a list: a report may come from a newer or an older Padlock. */
export const phaseSchema = z
  .strictObject({
    name: stableId.describe('stable, e.g. order-created, route-live, self-check, total'),
    durationMs,
    note: z.string().optional().describe('the cause of the duration, if the evidence shows it'),
  })
  .describe('a phase of the issuance, measured from the evidence alone; absent when the evidence does not show it');

export type Phase = z.infer<typeof phaseSchema>;
