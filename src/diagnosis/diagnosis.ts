import { z } from 'zod';
import { stableId } from '../issuance/schema-atoms.ts';

export const diagnosisSchema = z
  .strictObject({
    rule: stableId.describe("the id of the rule that matched, stable; 'unknown' when no rule matched"),
    verdict: z.string().min(1).describe('the state of the issuance and its cause, in one sentence'),
    evidence: z.array(z.string()).describe('what supports the verdict, one sentence each'),
    remedy: z.string().nullable().describe('what to do; null when nothing is wrong or no remedy is known'),
    unseen: z.array(z.string()).describe('what could not be inspected, one sentence each'),
  })
  .describe('why the issuance did not complete, or that it did');

/** Why an issuance did not complete, or that it did. */
export type Diagnosis = z.infer<typeof diagnosisSchema>;
