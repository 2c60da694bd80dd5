import { z } from 'zod';

/** What a machine was asked, and what came of it: a line of its results. */
export const examStepSchema = z.object({
  id: z.string(),
  /** Of the program that ran; null where none did, or where a signal ended it. */
  exitCode: z.int().nullable(),
  seconds: z.number(),
  stdout: z.string(),
  stderr: z.string(),
});

export type ExamStep = z.infer<typeof examStepSchema>;

export const examNames = [
  'small',
  'until-power-cut',
  'after-power-cut',
  'runs',
  'full-disk',
  'container',
  'one-core',
] as const;
export type ExamName = (typeof examNames)[number];
