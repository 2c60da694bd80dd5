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

const tlsSeriesRequest = z
  .strictObject({
    ...common,
    ...tlsTarget,
    kind: z.literal('tls-series'),
    intervalMs: z.number().min(10).describe('from the start of a connection to the start of the next'),
    durationMs: z.number().positive().describe('no connection starts later than this'),
  })
  .refine(({ intervalMs, durationMs }) => durationMs / intervalMs <= 10_000, { error: 'at most 10000 connections' });

const dnsRequest = z.strictObject({
  ...common,
  kind: z.literal('dns'),
  servers: z.array(nameServer).min(1).readonly(),
  host: z.string().min(1),
  type: z.enum(['A', 'AAAA', 'CNAME', 'TXT', 'NS', 'CAA']),
});

export const probeRequestSchema = z.discriminatedUnion('kind', [httpRequest, tlsRequest, tlsSeriesRequest, dnsRequest]);

type Asked<Request> = Omit<Request, 'id' | 'kind'>;

export type ProbeRequest = z.infer<typeof probeRequestSchema>;
export type HttpProbeRequest = Asked<z.infer<typeof httpRequest>>;
export type TlsProbeRequest = Asked<z.infer<typeof tlsRequest>>;
export type TlsSeriesRequest = Asked<z.infer<typeof tlsSeriesRequest>>;
export type DnsProbeRequest = Asked<z.infer<typeof dnsRequest>>;
