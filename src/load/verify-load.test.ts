import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseRecording, recordingName, recordingText } from './load-recording.ts';
import { loadRecording } from './load-recording-fixture.ts';
import type { LoadReport } from './load-report.ts';
import { loadReportName } from './read-load.ts';
import { reportOfLoad } from './report-of-load.ts';
import { compareWithRecording, verifyLoad } from './verify-load.ts';

const recording = loadRecording();
const report = reportOfLoad(recording);

async function written(changed: Partial<LoadReport>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'padlock-load-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, loadReportName), JSON.stringify({ ...report, ...changed }));
  await writeFile(join(folder, recordingName), recordingText(recording));
  return folder;
}

test('a recording is read as it was written', () => {
  expect(parseRecording(recordingText(recording), 'recording.json')).toEqual(recording);
});

test('a report that follows from its recording is verified', async () => {
  expect(await verifyLoad(await written({}))).toEqual({ findings: [], notes: [] });
});

test('a figure that was changed is named', async () => {
  const { outcome } = report;
  const folder = await written({ outcome: { ...outcome, served: outcome.served + 1 } });
  expect((await verifyLoad(folder)).findings).toEqual(['load.json: "outcome" does not follow from what was recorded.']);
});

test('of another version, a difference is a note', () => {
  const older = { ...report, padlock: { version: '0.0.1' }, mostSolverPods: 1 };
  const { findings, notes } = compareWithRecording(older, report);
  expect(findings).toEqual([]);
  expect(notes).toEqual([expect.stringContaining('Padlock 0.0.1 wrote'), expect.stringContaining('"mostSolverPods"')]);
});

test.each([
  ['', 'File x is not JSON'],
  ['{}', 'File x is not the recording of a load: '],
])('%j is no recording, and that is said', (content, message) => {
  expect(() => parseRecording(content, 'x')).toThrow(message);
});

test('a folder without a recording says what is missing', async () => {
  const folder = await written({});
  await rm(join(folder, recordingName));
  await expect(verifyLoad(folder)).rejects.toThrow(
    'Without what was recorded, the report of a load cannot be verified',
  );
});
