import { join } from 'node:path';
import { readReport } from '../../report/folder/read-report.ts';
import type { Scenario } from '../../suite/scenario.ts';
import { UserError } from '../../user-error.ts';

/** Where a run without --report links its report. */
const latestReport = join('reports', 'latest');

/**
 * Of some scenarios, those that failed or did not end in an earlier run.
 *
 * @param report its report folder; true for that of the last run below the working directory
 * @throws UserError: (2) if there is no such report, or none of them failed
 */
export async function lastFailed(scenarios: readonly Scenario[], report: string | true): Promise<readonly Scenario[]> {
  const folder = report === true ? latestReport : report;
  const { scenarios: before } = await readReport(folder);
  const failed = new Set(before.flatMap(({ id, result }) => (result === 'failed' || result === 'error' ? id : [])));
  const again = scenarios.filter(({ id }) => failed.has(id));
  if (again.length > 0) return again;
  if (failed.size === 0) throw new UserError(`Nothing failed in the run of ${folder}.`, { exitCode: 4 });
  const known = [...failed].join(', ');
  throw new UserError(`None of the selected scenarios failed in the run of ${folder}. Those that failed: ${known}.`);
}
