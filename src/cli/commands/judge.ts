import { allScenarios } from '../../../suites/index.ts';
import { allChecks } from '../../checks/all-checks.ts';
import { judge } from '../../checks/judge.ts';
import { readEvidence } from '../../report/folder/read-evidence.ts';

/** `padlock judge EVIDENCE…`: exit code 1 if a check fails. */
export async function judgeFiles(files: readonly string[], { json }: { json: boolean }): Promise<number> {
  const judged = [];
  for (const file of files) {
    const evidence = await readEvidence(file);
    const scenario = allScenarios.find(({ id }) => id === evidence.scenario.id);
    // Evidence of a scenario that is no more is judged by every check there is.
    const checks = scenario?.checks.map(({ id }) => id) ?? [...allChecks.keys()];
    judged.push({ file, scenario: evidence.scenario.id, checks: judge(evidence, checks) });
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
