import { allChecks } from '../checks/all-checks.ts';
import { judge } from '../checks/judge.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { readIssuance } from '../issuance/reading.ts';
import type { ScenarioResult } from '../report/overall-result.ts';
import { scenarioResult } from '../report/overall-result.ts';
import type { ScenarioReport } from '../report/report.ts';
import { differencesFrom } from './derivations.ts';
import { type Finding, quoted } from './finding.ts';

/** A scenario's report and the result of judging its evidence again. */
export interface JudgedAgain {
  readonly findings: readonly Finding[];
  readonly checks: readonly {
    readonly id: string;
    readonly reported: 'passed' | 'failed' | 'skipped';
    readonly judged: 'passed' | 'failed' | 'skipped';
    readonly notApplicable?: boolean;
  }[];
  readonly result: ScenarioResult;
}

/**
 * Judges a scenario's evidence again, by the checks that the report lists, and derives again what else the report says.
 *
 * @param sameVersion whether this Padlock wrote the report: then the wording must be the same too
 */
export function judgeAgain(evidence: Evidence, reported: ScenarioReport, sameVersion: boolean): JudgedAgain {
  const findings: Finding[] = [];
  const complain = (message: string) => findings.push({ about: 'verdict', message: `${reported.id}: ${message}` });
  const reading = readIssuance(evidence);
  const checkIds = reported.checks.map(({ id }) => id);
  const judged = judge(evidence, checkIds, reading.issuance);
  const checks = reported.checks.map((said, index) => {
    const found = judged[index];
    if (found === undefined) throw new Error(`judge() gave no verdict for ${said.id}`);
    if (!allChecks.has(said.id)) {
      complain(
        `${said.id} is no check of this Padlock, such as one of a user's scenario, so it cannot be judged again.`,
      );
      return { id: said.id, reported: said.result, judged: said.result };
    }
    if (found.result !== said.result) {
      complain(
        `${said.id} is ${found.result} on this evidence, but the report says ${said.result}. ${quoted(found.message)}`,
      );
    } else if (sameVersion) {
      if (found.message !== said.message) {
        complain(`${said.id} finds ${quoted(found.message)}, but the report says ${quoted(said.message)}.`);
      }
      const asserts = allChecks.get(said.id)?.asserts;
      if (asserts !== said.asserts) {
        complain(`${said.id} asserts ${quoted(asserts)}, but the report says ${quoted(said.asserts)}.`);
      }
    }
    const { notApplicable = false } = found;
    if (sameVersion && notApplicable !== (said.notApplicable ?? false)) {
      complain(`${said.id} is ${notApplicable ? '' : 'not '}a check of something that this issuance did not need.`);
    }
    return { id: said.id, reported: said.result, judged: found.result, notApplicable };
  });
  const results = checks.map(({ id, judged: again }) => ({ id, result: again }));
  const result = scenarioResult({ checks: results, ...(reported.error ? { error: reported.error } : {}) });
  if (result !== reported.result) complain(`these verdicts make it ${result}, but the report says ${reported.result}.`);
  findings.push(...differencesFrom(reading, reported, sameVersion));
  return { findings, checks: checks.filter(({ id }) => allChecks.has(id)), result };
}
