import { z } from 'zod';
import { stableId } from '../issuance/schema-atoms.ts';

export const diagnosisSchema = z
  .strictObject({
    rule: stableId.describe('the rule that recognised it, stable; unknown where none did'),
    verdict: z.string().min(1).describe('where the issuance stands and why, one sentence'),
    evidence: z.array(z.string()).describe('what shows it, a sentence each'),
    remedy: z.string().nullable().describe('what to do; null where nothing is wrong or nothing is known to help'),
    unseen: z.array(z.string()).describe('what could not be looked at, a sentence each'),
  })
  .describe('why the issuance did not complete, or that it did');

/** Why an issuance did not complete, or that it did. */
export type Diagnosis = z.infer<typeof diagnosisSchema>;
