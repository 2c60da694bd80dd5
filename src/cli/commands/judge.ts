import { allScenarios } from '../../../suites/index.ts';
import { allChecks } from '../../checks/all-checks.ts';
import { checksFor, judge } from '../../checks/judge.ts';
import { readEvidence } from '../../report/folder/read-evidence.ts';
import { ownScenarios } from '../options/selection.ts';

/**
 * `padlock judge EVIDENCE…`: runs the checks of each file's scenario, or every known check for a scenario that this Padlock does
 * not have. Exit code 1 if a check fails.
 *
 * @throws UserError (2) for a file that is no evidence, and for one of the user's scenarios that is not right
 */
export async function judgeFiles(
  files: readonly string[],
  { json, ownScenarios: paths = [] }: { readonly json: boolean; readonly ownScenarios?: readonly string[] },
): Promise<number> {
  const known = [...allScenarios, ...(await ownScenarios(paths))];
  const judged = [];
  for (const file of files) {
    const evidence = await readEvidence(file);
    const scenario = known.find(({ id }) => id === evidence.scenario.id);
    if (scenario === undefined) {
      process.stderr.write(
        `No scenario '${evidence.scenario.id}' in this Padlock; every known check was run, including those that may not apply. For a scenario of your own, give its path with --own-scenarios.\n`,
      );
    }
    const checks = scenario?.checks.map(({ id }) => id) ?? [...allChecks.keys()];
    const own = new Map((scenario?.checks ?? []).map((check) => [check.id, check]));
    const results = judge(evidence, checksFor(evidence, checks), undefined, own);
    judged.push({ file, scenario: evidence.scenario.id, checks: results });
  }
  if (json) process.stdout.write(`${JSON.stringify(judged, null, 2)}\n`);
  else {
    for (const { file, scenario, checks } of judged) {
      process.stdout.write(`${scenario} (${file})\n`);
      for (const { result, id, message } of checks) process.stdout.write(`  ${result} ${id}: ${message}\n`);
    }
  }
  return judged.some(({ checks }) => checks.some(({ result }) => result === 'failed')) ? 1 : 0;
}
