import { z } from 'zod';
import { evidenceSchema } from '../evidence.ts';

/** What the browser agent is asked and what it answers, one JSON object a line. All times are in ms. */

const request = {
  id: z.int(),
  name: z.string(),
  url: z.url({ protocol: /^https$/ }).describe('resolved by the browser itself, with the DNS of where the agent runs'),
  withinMs: z.number().positive().describe('from the making of the profile to the picture; then PROBE_TIMEOUT'),
  screenshot: z.boolean(),
  scratch: z
    .string()
    .startsWith('/')
    .describe('a folder that is there, as the agent sees it; the profile is made below it and removed again'),
};

export const browserRequestSchema = z.discriminatedUnion('trust', [
  z.strictObject({
    ...request,
    trust: z.literal('ca-roots'),
    roots: z.array(z.string()).min(1).readonly().describe('PEM, one certificate each: the only roots of the profile'),
  }),
  z.strictObject({ ...request, trust: z.literal('none'), roots: z.array(z.string()).length(0).readonly() }),
]);

export const browserAnswerSchema = z.union([
  z.strictObject({
    id: z.int(),
    probe: evidenceSchema.shape.probes.element,
    screenshot: z.base64().nullable().describe('a PNG of the page; it stands beside the evidence, not in it'),
  }),
  z.strictObject({ id: z.int(), refused: z.string().describe('why the agent could not look: a defect of it') }),
]);

export type BrowserRequest = z.infer<typeof browserRequestSchema>;
