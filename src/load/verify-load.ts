import { isDeepStrictEqual } from 'node:util';
import { readRecording } from './load-recording.ts';
import { type LoadReport, loadReportSchema } from './load-report.ts';
import { readLoad } from './read-load.ts';
import { reportOfLoad } from './report-of-load.ts';

/** The outcome of verifying the report of a load. */
export interface LoadVerification {
  /** What does not follow from what was recorded, one sentence each. */
  readonly findings: readonly string[];
  /** Remarks for the reader, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Derives the report of a load once more from what was recorded, and compares.
 *
 * @param folder with load.json and recording.json
 * @throws UserError (2) if one of them cannot be read
 */
export async function verifyLoad(folder: string): Promise<LoadVerification> {
  const [report, recording] = await Promise.all([readLoad(folder), readRecording(folder)]);
  return compareWithRecording(report, reportOfLoad(recording));
}

/** @param derived from what was recorded, by this Padlock */
export function compareWithRecording(report: LoadReport, derived: LoadReport): LoadVerification {
  const again = loadReportSchema.parse(JSON.parse(JSON.stringify(derived)));
  const names = Object.keys(loadReportSchema.shape) as (keyof LoadReport)[];
  const different = names.filter((name) => name !== 'padlock' && !isDeepStrictEqual(report[name], again[name]));
  const findings = different.map((name) => `load.json: "${name}" does not follow from what was recorded.`);
  const { version } = report.padlock;
  if (version === again.padlock.version) return { findings, notes: [] };
  return {
    findings: [],
    notes: [
      `Padlock ${version} wrote this report and Padlock ${again.padlock.version} verifies it, so figures may differ.`,
      ...findings,
    ],
  };
}
