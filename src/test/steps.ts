import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** How many tests came to what. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The tests and files that failed, by name. */
  readonly failures: readonly string[];
}

export const none: Count = { passed: 0, failed: 0, skipped: 0, failures: [] };

export function sum(counts: readonly Count[]): Count {
  return counts.reduce(
    (total, { passed, failed, skipped, failures }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
      failures: [...total.failures, ...failures],
    }),
    none,
  );
}

/** What vitest's JSON reporter writes, as far as it is counted here. */
const vitestResultSchema = z.object({
  success: z.boolean(),
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});

/**
 * Counts a vitest run from its JSON report. A file that broke outside its tests, an unhandled error, and a run without a test are
 * each a failure, though no test says so.
 *
 * @param report the text of the report; null when vitest wrote none
 * @param exitCode what vitest ended with
 */
export function countVitest(report: string | null, exitCode: number | null): Count {
  if (report === null) return failure('vitest wrote no report');
  const { success, numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } =
    vitestResultSchema.parse(JSON.parse(report));
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  const failed = numFailedTests + brokenFiles.length;
  const nothingRan = numPassedTests + failed === 0;
  const unexplained = failed === 0 && (exitCode !== 0 || !success || nothingRan);
  const failedTests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => `${name} > ${fullName}`),
  );
  const unexplainedFailure = nothingRan ? 'no test ran' : `an error outside of tests, or exit code ${exitCode}`;
  return {
    passed: numPassedTests,
    failed: unexplained ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
    failures: unexplained ? [unexplainedFailure] : [...failedTests, ...brokenFiles.map(({ name }) => name)],
  };
}

/** The count of a step that failed as a whole. */
export function failure(what: string): Count {
  return { ...none, failed: 1, failures: [what] };
}

/** Runs a program with our own stdio, in a process group of its own that the signal ends. @returns its exit code, null when killed */
export async function runShown(command: readonly [string, ...string[]], signal: AbortSignal): Promise<number | null> {
  signal.throwIfAborted();
  const [program, ...args] = command;
  // What it prints goes to stderr: stdout ends with the one line that counts.
  const child = spawn(program, args, { stdio: ['ignore', process.stderr, process.stderr], detached: true });
  const interrupt = () => child.pid !== undefined && process.kill(-child.pid, 'SIGINT');
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    signal.throwIfAborted();
    return code;
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** Runs projects of vitest in a process of their own, and counts. */
export async function runVitest(projects: readonly string[], root: string, signal: AbortSignal): Promise<Count> {
  const folder = await mkdtemp(join(tmpdir(), 'padlock-test-'));
  const outputFile = join(folder, 'result.json');
  try {
    const code = await runShown(
      [
        process.execPath,
        join(root, 'node_modules', 'vitest', 'vitest.mjs'),
        ...['run', '--root', root, ...projects.flatMap((project) => ['--project', project])],
        ...['--reporter=default', '--reporter=json', `--outputFile=${outputFile}`],
      ],
      signal,
    );
    return countVitest(await readFile(outputFile, 'utf8').catch(() => null), code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
