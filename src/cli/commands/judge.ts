import { allScenarios } from '../../../suites/index.ts';
import { allChecks } from '../../checks/all-checks.ts';
import { checksFor, judge } from '../../checks/judge.ts';
import { readEvidence } from '../../report/folder/read-evidence.ts';

/**
 * `padlock judge EVIDENCE…`: runs the checks of each file's scenario, or every known check for a scenario that this Padlock does
 * not have. Exit code 1 if a check fails.
 */
export async function judgeFiles(files: readonly string[], { json }: { json: boolean }): Promise<number> {
  const judged = [];
  for (const file of files) {
    const evidence = await readEvidence(file);
    const scenario = allScenarios.find(({ id }) => id === evidence.scenario.id);
    if (scenario === undefined) {
      process.stderr.write(
        `No scenario '${evidence.scenario.id}' in this Padlock; every known check was run, including those that may not apply.\n`,
      );
    }
    const checks = scenario?.checks.map(({ id }) => id) ?? [...allChecks.keys()];
    judged.push({ file, scenario: evidence.scenario.id, checks: judge(evidence, checksFor(evidence, checks)) });
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
