import { z } from 'zod';

/** What the agent is asked: one JSON object a line. Addresses are dialled as they are; nothing is resolved. */
const common = {
  id: z.int(),
  name: z.string(),
  address: z.string(),
  /** PEM roots to trust, and nothing else: neither Node's own roots nor NODE_EXTRA_CA_CERTS. */
  roots: z.array(z.string()),
  withinMs: z.number(),
};

export const probeRequestSchema = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('http'),
    url: z.url(),
    trust: z.enum(['none', 'ca-roots', 'foreign-root']),
  }),
  z.object({
    ...common,
    kind: z.literal('tls'),
    port: z.int(),
    serverName: z.string(),
    trust: z.enum(['ca-roots', 'foreign-root']),
  }),
]);

export type ProbeRequest = z.infer<typeof probeRequestSchema>;
export type HttpProbeRequest = Omit<Extract<ProbeRequest, { kind: 'http' }>, 'id' | 'kind'>;
export type TlsProbeRequest = Omit<Extract<ProbeRequest, { kind: 'tls' }>, 'id' | 'kind'>;
