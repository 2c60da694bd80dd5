import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { allChecks, goodPathChecks } from '../checks/all-checks.ts';
import { judge } from '../checks/judge.ts';
import { goodEvidence } from '../checks/testing/evidence-fixture.ts';
import { type Evidence, evidenceSchema } from '../evidence/evidence.ts';
import { derivedFields } from '../issuance/derived-fields.ts';
import { readIssuance } from '../issuance/reading.ts';
import { writeReports } from '../report/folder/write-reports.ts';
import { overallResult, scenarioResult } from '../report/overall-result.ts';
import { type Report, reportSchema } from '../report/report.ts';
import { exampleReport, exampleScenario } from '../report/testing/example-report.ts';

/** Reports that are true to their evidence, and the ways to make them false, for tests. */

export const evidenceName = 'evidence/http01-ingress.json';

/** What a run would report of this evidence. */
export function reportOf(evidence: Evidence, checkIds: readonly string[] = goodPathChecks.map(({ id }) => id)): Report {
  const checks = judge(evidence, checkIds).map((verdict) => ({
    ...verdict,
    asserts: allChecks.get(verdict.id)?.asserts ?? verdict.id,
  }));
  const scenarios = [
    exampleScenario({
      ...derivedFields(readIssuance(evidence)),
      result: scenarioResult({ checks }),
      checks,
    }),
  ];
  return exampleReport({ scenarios, result: overallResult({ scenarios }) });
}

/** Writes a report with its evidence into a folder, as a run does. */
export async function writeTrueReport(folder: string, options: { evidence?: Evidence; checkIds?: string[] } = {}) {
  const evidence = options.evidence ?? (await goodEvidence());
  const report = reportOf(evidence, options.checkIds);
  await writeReports(report, { evidence: new Map([[evidence.scenario.id, evidence]]) }, { folder }, {});
}

/** Changes report.json alone. */
export async function changeReport(folder: string, change: (report: Report) => void): Promise<void> {
  const file = path.join(folder, 'report.json');
  const report = reportSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  change(report);
  await writeFile(file, JSON.stringify(report));
}

/** Changes the evidence, and its digest in report.json as well, so that the two agree. */
export async function changeEvidenceAndDigest(folder: string, change: (evidence: Evidence) => void): Promise<void> {
  const file = path.join(folder, evidenceName);
  const evidence = evidenceSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  change(evidence);
  await writeFile(file, JSON.stringify(evidence));
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  await changeReport(folder, ({ scenarios: [scenario] }) => {
    if (scenario) scenario.evidenceSha256 = sha256;
  });
}

/** Writes the two halves of a key and returns their files. */
export async function writeKeyPair(folder: string, name: string, privateKey: KeyObject) {
  const files = { private: path.join(folder, `${name}.pem`), public: path.join(folder, `${name}.pub.pem`) };
  await writeFile(files.private, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await writeFile(files.public, createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
  return files;
}
