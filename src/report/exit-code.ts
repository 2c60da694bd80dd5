import type { ReportResult } from './overall-result.ts';

/** The exit codes; stable, because CI gates depend on them. */
export const exitCode = {
  passed: 0,
  checkFailed: 1,
  wrongUsage: 2,
  environmentFailed: 3,
  nothingOrOnlyPart: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

const ofResult: Record<ReportResult, ExitCode> = {
  passed: exitCode.passed,
  failed: exitCode.checkFailed,
  error: exitCode.environmentFailed,
  partial: exitCode.nothingOrOnlyPart,
};

/** The exit code of a run that ended with this result; a run that a signal stopped says `interrupted`, whatever its result. */
export function exitCodeOf(result: ReportResult, how: { interrupted?: boolean } = {}): ExitCode {
  return how.interrupted === true ? exitCode.interrupted : ofResult[result];
}
