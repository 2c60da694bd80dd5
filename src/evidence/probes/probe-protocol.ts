import { z } from 'zod';

/**
 * What the probe agent is asked, one JSON object a line on its stdin: `{id, kind, …}`. It answers on stdout, in whatever
 * order the probes end, with what probe-answer.ts says. All times are in ms.
 */

const ipAddress = z.union([z.ipv4(), z.ipv6()]);
const port = z.int().min(1).max(65_535);

const common = {
  id: z.int(),
  name: z.string(),
  withinMs: z.number().positive().describe('the limit of one probe; when it is over, the outcome is PROBE_TIMEOUT'),
};

const roots = z
  .array(z.string())
  .readonly()
  .describe("PEM roots to trust, and nothing else: neither the system's, Node's own nor NODE_EXTRA_CA_CERTS");

const tlsTarget = {
  address: ipAddress.describe('dialled as it is'),
  port,
  serverName: z.string().min(1).describe('the SNI'),
};

const nameServer = z
  .string()
  .min(1)
  .describe('the IP address of a name server, with :port where it is not 53, as in [::1]:5353');

const httpRequest = z
  .strictObject({
    ...common,
    kind: z.literal('http'),
    url: z.url({ protocol: /^https?$/ }),
    address: ipAddress.optional().describe('dialled whatever the host of the URL is'),
    resolver: nameServer.optional().describe('the name server that resolves the host if no address is given'),
    headers: z.record(z.string(), z.string()).optional(),
    serverName: z
      .string()
      .min(1)
      .optional()
      .describe('the SNI, and the name to verify, if it is not the host of the URL'),
    trust: z.enum(['none', 'ca-roots', 'foreign-root']),
    roots,
  })
  .refine(({ address, resolver }) => (address === undefined) !== (resolver === undefined), {
    error: 'either an address or a resolver',
  });

const tlsRequest = z.strictObject({
  ...common,
  ...tlsTarget,
  kind: z.literal('tls'),
  trust: z.enum(['ca-roots', 'foreign-root']),
  roots,
});

const series = {
  intervalMs: z.number().min(10).describe('from one start to the next'),
  durationMs: z.number().positive().describe('nothing starts later than this; a request of kind `end` ends it sooner'),
  trust: z.enum(['ca-roots', 'foreign-root']),
  roots,
};

const tlsSeriesRequest = z
  .strictObject({ ...common, ...tlsTarget, ...series, kind: z.literal('tls-series') })
  .refine(isBounded, { error: 'at most 60000 connections' });

const openConnectionRequest = z
  .strictObject({
    ...common,
    ...series,
    kind: z.literal('open-connection'),
    url: z.url({ protocol: /^https$/ }),
    address: ipAddress.describe('dialled whatever the host of the URL is'),
  })
  .refine(isBounded, { error: 'at most 60000 requests' });

/** Ends a series: it answers with what it saw until then. This request itself has no answer. */
const endRequest = z.strictObject({ id: z.int(), kind: z.literal('end'), series: z.int().describe('its id') });

function isBounded({ durationMs, intervalMs }: { durationMs: number; intervalMs: number }): boolean {
  return durationMs / intervalMs <= 60_000;
}

const dnsRequest = z.strictObject({
  ...common,
  kind: z.literal('dns'),
  servers: z.array(nameServer).min(1).readonly(),
  host: z.string().min(1),
  type: z.enum(['A', 'AAAA', 'CNAME', 'TXT', 'NS', 'CAA']),
});

export const probeRequestSchema = z.discriminatedUnion('kind', [
  httpRequest,
  tlsRequest,
  tlsSeriesRequest,
  openConnectionRequest,
  dnsRequest,
  endRequest,
]);

type Asked<Request> = Omit<Request, 'id' | 'kind'>;

export type AgentRequest = z.infer<typeof probeRequestSchema>;
/** A request that is answered with a probe. */
export type ProbeRequest = Exclude<AgentRequest, { kind: 'end' }>;
export type HttpProbeRequest = Asked<z.infer<typeof httpRequest>>;
export type TlsProbeRequest = Asked<z.infer<typeof tlsRequest>>;
export type TlsSeriesRequest = Asked<z.infer<typeof tlsSeriesRequest>>;
export type OpenConnectionRequest = Asked<z.infer<typeof openConnectionRequest>>;
export type DnsProbeRequest = Asked<z.infer<typeof dnsRequest>>;
