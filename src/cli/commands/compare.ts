import { compareReports } from '../../report/compare/compare.ts';
import { comparisonMarkdown } from '../../report/compare/compare-markdown.ts';
import { exitCode } from '../../report/exit-code.ts';
import { readReport } from '../../report/folder/read-report.ts';

interface CompareOptions {
  /** In per cent. */
  readonly threshold: number;
  readonly floorMs: number;
  readonly json: boolean;
}

/** `padlock compare BEFORE AFTER`: Markdown for a pull request on stdout; exit code 1 on a regression. */
export async function compare(before: string, after: string, options: CompareOptions): Promise<number> {
  const comparison = compareReports(await readReport(before), await readReport(after), {
    thresholdPercent: options.threshold,
    floorMs: options.floorMs,
  });
  process.stdout.write(options.json ? `${JSON.stringify(comparison, null, 2)}\n` : comparisonMarkdown(comparison));
  return comparison.regression ? exitCode.checkFailed : exitCode.passed;
}
