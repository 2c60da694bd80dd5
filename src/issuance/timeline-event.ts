import { z } from 'zod';
import { durationMs, stableId, timestamp } from './schema-atoms.ts';

/** Who acts in an issuance, in the order in which a waterfall shows them. */
export const timelineLanes = ['cert-manager', 'cluster', 'gateway', 'ca', 'client'] as const;

export type TimelineLane = (typeof timelineLanes)[number];

interface EventKind {
  /** Who did it. */
  readonly lane: TimelineLane;
  /** What the event means, and which record shows it. */
  readonly meaning: string;
}

/**
 * Every event that a timeline can have, by its stable name, roughly in the order of an issuance. Names are part of the
 * report's format: add to them, but never rename one.
 */
export const timelineEvents = {
  action: { lane: 'client', meaning: 'The scenario did something else than apply its Issuer or Certificate.' },
  'issuer-applied': { lane: 'client', meaning: 'The scenario applied the Issuer.' },
  'account-refused': { lane: 'ca', meaning: 'The Issuer became not Ready, or not Ready for another reason.' },
  'account-registered': { lane: 'ca', meaning: 'The Issuer became Ready.' },
  'certificate-applied': { lane: 'client', meaning: 'The scenario applied the Certificate.' },
  'certificate-ready': { lane: 'cert-manager', meaning: 'The Certificate became Ready.' },
  'request-created': { lane: 'cert-manager', meaning: 'A CertificateRequest appeared.' },
  'request-ended': { lane: 'cert-manager', meaning: 'The Ready condition of a CertificateRequest got another reason.' },
  'order-created': { lane: 'cert-manager', meaning: 'An Order appeared.' },
  'order-placed': { lane: 'ca', meaning: 'An Order got its URL at the CA.' },
  authorization: { lane: 'ca', meaning: 'An Order got its authorizations.' },
  finalized: { lane: 'ca', meaning: 'An Order became valid.' },
  'order-state': { lane: 'ca', meaning: 'An Order got another state than pending or valid.' },
  'challenge-created': { lane: 'cert-manager', meaning: 'A Challenge appeared.' },
  'solver-created': { lane: 'cluster', meaning: 'A Pod, Service, Ingress or HTTPRoute of the solver appeared.' },
  'solver-gone': { lane: 'cluster', meaning: 'An object of the solver was deleted.' },
  'solver-ready': { lane: 'cluster', meaning: "The solver's Pod became Ready." },
  'route-addressed': { lane: 'gateway', meaning: "The solver's Ingress got a load-balancer address." },
  presented: { lane: 'cert-manager', meaning: 'cert-manager marked a Challenge as presented.' },
  propagation: {
    lane: 'cert-manager',
    meaning: 'A pending Challenge got another reason, such as a failed self-check.',
  },
  'route-live': { lane: 'gateway', meaning: 'The first request that the solver answered 200, through the gateway.' },
  'self-check': { lane: 'cert-manager', meaning: 'A self-check of cert-manager came through the gateway.' },
  validation: { lane: 'ca', meaning: 'A validation request of the CA came through the gateway.' },
  'client-request': { lane: 'client', meaning: 'Another client asked the gateway for the challenge path.' },
  'challenge-ended': { lane: 'ca', meaning: 'A Challenge left the states pending and processing.' },
  'record-presented': { lane: 'cert-manager', meaning: 'cert-manager set the TXT record of a DNS-01 Challenge.' },
  'dns-lookup': { lane: 'ca', meaning: 'The CA began to look up the TXT record, by its log.' },
  'record-removed': { lane: 'cert-manager', meaning: 'A DNS-01 Challenge is gone, and with it its TXT record.' },
  'secret-written': { lane: 'cluster', meaning: "The Certificate's Secret got a certificate." },
  served: { lane: 'client', meaning: "A handshake from outside first got the Secret's certificate." },
  browser: { lane: 'client', meaning: 'A browser opened the page.' },
} as const satisfies Readonly<Record<string, EventKind>>;

export type TimelineEventName = keyof typeof timelineEvents;

const timelineEventSchema = z
  .strictObject({
    name: stableId.describe('stable, e.g. order-created, self-check, served'),
    lane: z.enum(timelineLanes).describe('the actor'),
    at: timestamp.describe('the start, corrected to the clock of the machine that ran Padlock'),
    durationMs: durationMs.describe('0 for an instant'),
    title: z.string().min(1).describe('what happened, in a few words'),
    detail: z.string().optional().describe('the evidence for it: an object and its state, a request or a probe'),
  })
  .describe('an event of the issuance, from the evidence alone');

/** The timeline of a report. Names are a pattern, not a list: a report may come from a newer or an older Padlock. */
export const timelineSchema = z
  .strictObject({
    clocks: z
      .array(z.string())
      .describe("how the recorders' clocks relate: the same clock or a measured offset, one sentence each"),
    events: z.array(timelineEventSchema).describe('in order of their start, including events of deleted objects'),
    gaps: z
      .array(
        z.strictObject({ at: timestamp, durationMs, why: z.string().min(1).describe('the cause, in one sentence') }),
      )
      .describe(
        'periods in which the issuance waited for a known reason, such as the back-off after a failed self-check',
      ),
  })
  .describe('the timeline of the issuance');

export type Timeline = z.infer<typeof timelineSchema>;
export type TimelineEvent = Timeline['events'][number];
