import { describeRepetitions } from '../../report/repetitions.ts';
import type { Report } from '../../report/report.ts';
import { visibleLine } from '../../report/visible-text.ts';

/** Prints the outcome on stderr: one line per scenario, what failed in it, and where the reports are. */
export function printOutcome(report: Report, folder: string): void {
  for (const { id, result, checks, error, repetitions, notApplicable } of report.scenarios) {
    const count = (wanted: string) => checks.filter((check) => check.result === wanted).length;
    if (notApplicable !== undefined) {
      process.stderr.write(`- ${id} is not applicable, because: ${visibleLine(notApplicable)}\n`);
      continue;
    }
    if (result === 'skipped' && checks.length === 0) {
      process.stderr.write(`- ${report.problems.find((problem) => problem.startsWith(`${id} was skipped`)) ?? id}\n`);
      continue;
    }
    const applicable = checks.filter((check) => !check.notApplicable);
    process.stderr.write(
      `${result === 'passed' ? '✓' : '✗'} ${id}: ${repetitions === undefined ? '' : `${describeRepetitions(repetitions)}; `}${count('passed')} of ${applicable.length} checks passed\n`,
    );
    if (error) {
      const lastSeen = error.lastSeen ? `; last seen: ${error.lastSeen}` : '';
      process.stderr.write(`    ${visibleLine(`${error.message}${lastSeen}`)}\n`);
    }
    for (const check of checks)
      if (check.result !== 'passed')
        process.stderr.write(
          `    ${check.notApplicable ? '-' : check.result} ${check.id}: ${visibleLine(check.message)}\n`,
        );
  }
  process.stderr.write(`${report.result}; report: ${folder}\n`);
}
