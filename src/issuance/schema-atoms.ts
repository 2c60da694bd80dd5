import { z } from 'zod';

/** The small schemas that every derived part of a report is made of. */

export const timestamp = z.iso
  .datetime({ precision: 3 })
  .describe('ISO 8601 in UTC with milliseconds, from the clock of the machine that ran Padlock');

export const durationMs = z.number().nonnegative().describe('in milliseconds');

export const stableId = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
