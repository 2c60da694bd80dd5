import { appendFile } from 'node:fs/promises';
import { fileErrorReason } from '../../file-error.ts';

/** Appends a summary to the file that GitHub Actions shows for a step, where there is one. @returns what went wrong, a sentence each */
export async function appendStepSummary(file: string | undefined, summary: string): Promise<string[]> {
  if (file === undefined || file === '') return [];
  try {
    await appendFile(file, summary);
    return [];
  } catch (error) {
    return [`Cannot append the summary to ${file} (GITHUB_STEP_SUMMARY): ${fileErrorReason(error)}.`];
  }
}
