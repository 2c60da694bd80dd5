import { compareConformance, conformanceComparisonMarkdown } from '../../report/conformance/compare-conformance.ts';
import { exitCode } from '../../report/exit-code.ts';
import { readConformance } from '../../report/folder/read-conformance.ts';

/** `padlock ca compare BEFORE AFTER`: Markdown for a pull request on stdout; exit code 1 on a regression. */
export async function caCompare(before: string, after: string, { json }: { readonly json: boolean }): Promise<number> {
  const comparison = compareConformance(await readConformance(before), await readConformance(after));
  process.stdout.write(json ? `${JSON.stringify(comparison, null, 2)}\n` : conformanceComparisonMarkdown(comparison));
  return comparison.regression ? exitCode.checkFailed : exitCode.passed;
}
