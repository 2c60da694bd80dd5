import { z } from 'zod';
import { stableId } from '../issuance/schema-atoms.ts';
import { linkIds } from './link-ids.ts';

const linkReport = z.strictObject({
  link: z.enum(linkIds).describe('the id of the link, stable'),
  title: z.string().describe('what the link is, for people'),
  state: z
    .enum(['done', 'waiting', 'broken', 'blocked', 'not-seen'])
    .describe("'blocked': it does not hold because of the link in `by`"),
  by: z.enum(linkIds).optional().describe('the link before it that does not hold; only for blocked'),
  says: z.string().describe('what shows the state, one sentence'),
});

export const diagnosisSchema = z
  .strictObject({
    rule: stableId.describe("the id of the rule that matched, stable; 'unknown' when no rule matched"),
    verdict: z.string().min(1).describe('the state of the issuance and its cause, in one sentence'),
    evidence: z.array(z.string()).describe('what supports the verdict, one sentence each'),
    remedy: z.string().nullable().describe('what to do; null when nothing is wrong or no remedy is known'),
    unseen: z.array(z.string()).describe('what could not be inspected, one sentence each'),
    link: z
      .enum(linkIds)
      .optional()
      .describe('the link of the chain that the verdict is about; absent before version 4'),
    confidence: z
      .enum(['seen', 'inferred', 'unknown'])
      .optional()
      .describe(
        "'seen': a component says it, or it was observed; 'inferred': it follows from how objects are set up; absent before version 4",
      ),
    consequences: z
      .array(z.string())
      .optional()
      .describe('what does not work because of it, one sentence each; absent before version 4'),
    alsoBroken: z
      .array(z.string())
      .optional()
      .describe('what is broken as well and does not follow from it, one sentence each; absent before version 4'),
    links: z
      .array(linkReport)
      .optional()
      .describe('every link of the chain in the order of cause; absent before version 4'),
  })
  .describe('why the issuance did not complete, or that it did');

/** Why an issuance did not complete, or that it did. */
export type Diagnosis = z.infer<typeof diagnosisSchema>;
export type LinkReport = z.infer<typeof linkReport>;
