import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, type RunnerTask } from 'vitest';

/** A folder for what the tests of a file write. It goes with their end; where one failed it stays, for its reports and evidence. */
export function folderOfTests(): string {
  const folder = mkdtempSync(join(tmpdir(), 'padlock-e2e-'));
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the first parameter as a pattern of fixtures
  afterAll(({}, suite) => {
    if (suite.tasks.some(hasFailed)) process.stderr.write(`What the failed tests wrote is kept in ${folder}.\n`);
    else rmSync(folder, { recursive: true });
  });
  return folder;
}

function hasFailed(task: RunnerTask): boolean {
  return task.result?.state === 'fail' || ('tasks' in task && task.tasks.some(hasFailed));
}
