import { z } from 'zod';
import { evidenceSchema } from '../evidence.ts';

/**
 * What the probe agent answers, one JSON object a line. Apart from the requests because only the client reads it, and the
 * agent is to start fast.
 */

const timestamp = z.iso.datetime({ precision: 3 });
const failure = { error: z.string(), code: z.string().nullable() };

const tlsConnection = z.union([
  z.strictObject({ at: timestamp, fingerprintSha256: z.string().describe('of the leaf, as in certificate facts') }),
  z.strictObject({ at: timestamp, ...failure }),
]);

const tlsSeriesProbe = z.strictObject({
  kind: z.literal('tls-series'),
  name: z.string(),
  at: timestamp,
  durationMs: z.number(),
  address: z.string(),
  port: z.int(),
  serverName: z.string(),
  intervalMs: z.number(),
  outcome: z.strictObject({ connections: z.array(tlsConnection).describe('in the order of their start') }),
});

const anyProbe = z.discriminatedUnion('kind', [evidenceSchema.shape.probes.element, tlsSeriesProbe]);

export const probeAnswerSchema = z.union([
  z.strictObject({ id: z.int(), probe: anyProbe }),
  z.strictObject({
    id: z.int(),
    refused: z.string().describe('why the agent could not make the probe, which is a defect of the agent'),
  }),
]);

export type AgentProbe = z.infer<typeof anyProbe>;
export type TlsSeriesProbe = z.infer<typeof tlsSeriesProbe>;
export type TlsConnection = z.infer<typeof tlsConnection>;
