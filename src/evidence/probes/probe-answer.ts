import { z } from 'zod';
import { evidenceSchema } from '../evidence.ts';

/**
 * What the probe agent answers, one JSON object a line. Apart from the requests because only the client reads it, and the
 * agent is to start fast.
 */

const anyProbe = evidenceSchema.shape.probes.element;

export const probeAnswerSchema = z.union([
  z.strictObject({ id: z.int(), probe: anyProbe }),
  z.strictObject({
    id: z.int(),
    refused: z.string().describe('why the agent could not make the probe, which is a defect of the agent'),
  }),
]);

export type AgentProbe = z.infer<typeof anyProbe>;
