import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fileErrorReason } from '../file-error.ts';
import { UserError } from '../user-error.ts';
import { certificateMoments } from './issuance-ledger.ts';
import { loadReportSchema } from './load-report.ts';
import type { LoadRecording } from './report-of-load.ts';

/** The name of the file with what was recorded, beside a load's report. */
export const recordingName = 'recording.json';

const { shape, machine, environment, components, ca, gatewayRestart, renewStorm } = loadReportSchema.shape;
const counts = z.record(z.string(), z.number()).transform((all) => new Map(Object.entries(all)));
const counters = z.object({ apiRequests: counts, caRequests: counts, etcdBytes: z.number().nullable() });
const moment = z.number().optional();

const recordingSchema = z.object({
  ...{ shape, machine, environment, components, ca, gatewayRestart, renewStorm },
  startedAt: z.iso.datetime().transform((text) => new Date(text)),
  records: z.array(
    z.object(Object.fromEntries(certificateMoments.map((name) => [name, moment]))).transform(
      // A moment that was not seen is absent.
      (record) => Object.fromEntries(Object.entries(record).filter(([, at]) => at !== undefined)),
    ),
  ),
  stored: z.array(z.object({ kind: z.string(), objects: z.int(), writes: z.int(), bytes: z.number() })),
  mostSolverPods: z.int(),
  usage: z.array(
    z.object({
      at: z.number(),
      parts: z.array(
        z.object({ part: z.string(), cpuSeconds: z.number().nullable(), memoryBytes: z.number().nullable() }),
      ),
    }),
  ),
  countersBefore: counters,
  countersAfter: counters,
  machineBusy: z.number().nullable(),
  allocatablePods: z.number().nullable(),
  runningPods: z.number().nullable(),
  gatewayLimitBytes: z.number().nullable(),
  stalled: z.string().nullable(),
  problems: z.array(z.string()),
});

/** A recording as JSON. */
export function recordingText(recording: LoadRecording): string {
  return `${JSON.stringify(recording, (_, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value))}\n`;
}

/** Reads what was recorded of a load. @param folder of its report @throws UserError (2) for anything else */
export async function readRecording(folder: string): Promise<LoadRecording> {
  const file = join(folder, recordingName);
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(
      `Cannot read ${file}: ${fileErrorReason(cause)}. Without what was recorded, the report of a load cannot be verified.`,
      { cause },
    );
  });
  return parseRecording(content, file);
}

/** @param file its name in messages @throws UserError (2) */
export function parseRecording(content: string, file: string): LoadRecording {
  let document: unknown;
  try {
    document = JSON.parse(content);
  } catch (cause) {
    throw new UserError(`File ${file} is not JSON. Name the report folder of padlock load.`, { cause });
  }
  const read = recordingSchema.safeParse(document);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.');
  throw new UserError(`File ${file} is not the recording of a load: ${where}: ${issue?.message ?? 'unknown'}.`);
}
