import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { compareLoads, loadComparisonMarkdown } from '../../load/compare-loads.ts';
import { loadReportName, readLoad } from '../../load/read-load.ts';
import { compareReports } from '../../report/compare/compare.ts';
import { comparisonMarkdown } from '../../report/compare/compare-markdown.ts';
import { exitCode } from '../../report/exit-code.ts';
import { conformanceName } from '../../report/folder/read-conformance.ts';
import { readReport } from '../../report/folder/read-report.ts';
import { UserError } from '../../user-error.ts';

interface CompareOptions {
  /** In per cent. */
  readonly threshold: number;
  readonly floorMs: number;
  readonly json: boolean;
}

/** `padlock compare BEFORE AFTER`: Markdown for a pull request on stdout; exit code 1 on a regression. */
export async function compare(before: string, after: string, options: CompareOptions): Promise<number> {
  for (const location of [before, after]) {
    const isOfCa = await access(join(location, conformanceName)).then(
      () => true,
      () => false,
    );
    if (isOfCa) throw new UserError(`${location} is a report of padlock ca: compare it with 'padlock ca compare'.`);
  }
  const loads = [before, after].filter((location) => existsSync(join(location, loadReportName)));
  if (loads.length > 0) {
    const compared = compareLoads(await readLoad(before), await readLoad(after), options.threshold);
    process.stdout.write(options.json ? `${JSON.stringify(compared, null, 2)}\n` : loadComparisonMarkdown(compared));
    return compared.regression ? exitCode.checkFailed : exitCode.passed;
  }
  const comparison = compareReports(await readReport(before), await readReport(after), {
    thresholdPercent: options.threshold,
    floorMs: options.floorMs,
  });
  process.stdout.write(options.json ? `${JSON.stringify(comparison, null, 2)}\n` : comparisonMarkdown(comparison));
  return comparison.regression ? exitCode.checkFailed : exitCode.passed;
}
