import path from 'node:path';
import { checksFor } from '../checks/judge.ts';
import { parseEvidence } from '../report/folder/read-evidence.ts';
import { parseReport } from '../report/folder/read-report.ts';
import { overallResult } from '../report/overall-result.ts';
import type { Report, ScenarioReport } from '../report/report.ts';
import { visibleLine } from '../report/visible-text.ts';
import { UserError } from '../user-error.ts';
import { checkAttestation } from './attestation-check.ts';
import { checkFiles } from './file-check.ts';
import type { Finding } from './finding.ts';
import { type JudgedAgain, judgeAgain } from './re-judge.ts';
import { reportBytes, reportName, sha256Of } from './report-files.ts';
import { testResultOf } from './statement.ts';
import type { VerificationKey } from './verification-key.ts';

export interface VerificationRequest {
  /** With the report.json. */
  readonly folder: string;
  /** Null to check digests and verdicts only. */
  readonly key: VerificationKey | null;
  /** Of this Padlock. */
  readonly padlockVersion: string;
  /** The checks that a scenario has in this Padlock; null for a scenario that it does not have. */
  checksOf(scenarioId: string): readonly string[] | null;
}

/** The outcome of verifying a report. */
export interface Verification {
  /** `unchecked` if no key was given. */
  readonly signature: 'valid' | 'invalid' | 'unchecked';
  /** What does not hold. */
  readonly findings: readonly Finding[];
  /** Evidence files that cannot be parsed, so their verdicts cannot be checked, one sentence each. */
  readonly malformed: readonly string[];
  /** Remarks for the reader, one sentence each. */
  readonly notes: readonly string[];
  readonly scenarios: readonly {
    readonly id: string;
    /** Empty if there was no evidence to judge. */
    readonly checks: JudgedAgain['checks'];
  }[];
}

/**
 * Checks whether a report follows from its evidence, and whether it is the report that was signed.
 *
 * @throws UserError (2) if report.json or the attestation cannot be read or has the wrong format
 */
export async function verifyReport(request: VerificationRequest): Promise<Verification> {
  const { folder, key, padlockVersion } = request;
  const bytes = await reportBytes(folder);
  const report = parseReport(path.join(folder, reportName), bytes);
  const sameVersion = report.padlock.version === padlockVersion;
  const notes: string[] = sameVersion
    ? []
    : [
        `Padlock ${visibleLine(report.padlock.version)} wrote this report and Padlock ${padlockVersion} verifies it, so verdicts may differ.`,
      ];

  const judging = new Judging(request, report, sameVersion);
  const files = await checkFiles(folder, report, (name, content) => judging.file(name, content));
  const verdicts = judging.end();
  const digests = new Map([[reportName, sha256Of(bytes)], ...files.digests]);
  const attestation = await checkAttestation(folder, key, testResultOf(report), digests);
  return {
    signature: attestation.signature,
    findings: [...attestation.findings, ...files.findings, ...verdicts.findings],
    malformed: verdicts.malformed,
    notes: [...notes, ...(key?.notes ?? []), ...attestation.notes, ...verdicts.notes],
    scenarios: verdicts.scenarios,
  };
}

/** Judges the scenarios one after the other, as their evidence comes in. */
class Judging {
  readonly #request: VerificationRequest;
  readonly #report: Report;
  readonly #sameVersion: boolean;
  readonly #judged = new Map<string, JudgedAgain>();
  readonly #findings: Finding[] = [];
  readonly #malformed: string[] = [];
  readonly #notes: string[] = [];

  constructor(request: VerificationRequest, report: Report, sameVersion: boolean) {
    this.#request = request;
    this.#report = report;
    this.#sameVersion = sameVersion;
  }

  file(name: string, bytes: Buffer): void {
    const scenario = this.#report.scenarios.find(({ evidence }) => evidence === name);
    if (scenario === undefined) return;
    let expected = this.#request.checksOf(scenario.id) ?? [];
    try {
      const evidence = parseEvidence(path.join(this.#request.folder, name), bytes);
      expected = checksFor(evidence, expected);
      this.#judged.set(scenario.id, judgeAgain(evidence, scenario, this.#sameVersion));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#malformed.push(error.message);
    }
    this.#lookForMissingChecks(scenario, expected);
  }

  end(): Pick<Verification, 'findings' | 'malformed' | 'notes' | 'scenarios'> {
    const { scenarios } = this.#report;
    const findings = [...[...this.#judged.values()].flatMap((judged) => judged.findings), ...this.#findings];
    const complain = (message: string) => findings.push({ about: 'verdict', message });
    for (const { id, evidence, checks } of scenarios) {
      if (evidence === null && checks.length > 0) {
        complain(`${id}: the report has ${checks.length} verdicts but names no evidence for them.`);
      }
    }
    const result = overallResult({
      ...(this.#report.error ? { error: this.#report.error } : {}),
      scenarios: scenarios.map((scenario) => {
        const judged = this.#judged.get(scenario.id);
        if (judged === undefined) return scenario;
        return {
          result: judged.result,
          checks: judged.checks.map(({ judged: again, notApplicable }) => ({ result: again, notApplicable })),
        };
      }),
    });
    if (result !== this.#report.result) {
      complain(`The evidence makes the result of the run ${result}, but the report says ${this.#report.result}.`);
    }
    return {
      findings,
      malformed: this.#malformed,
      notes: this.#notes,
      scenarios: scenarios.map(({ id }) => ({ id, checks: this.#judged.get(id)?.checks ?? [] })),
    };
  }

  /** A failed check can be hidden by leaving it out. */
  #lookForMissingChecks({ id, checks }: ScenarioReport, expected: readonly string[]): void {
    const listed = new Set(checks.map((check) => check.id));
    const missing = expected.filter((check) => !listed.has(check));
    if (missing.length === 0) return;
    const message = `${id}: the report leaves out ${missing.join(', ')}, which this scenario has`;
    const { skippedOnRequest } = this.#report;
    if (skippedOnRequest.length > 0) {
      this.#notes.push(`${message}; the run was asked to skip ${skippedOnRequest.join(', ')}.`);
    } else if (!this.#sameVersion) this.#notes.push(`${message} in this Padlock.`);
    else this.#findings.push({ about: 'verdict', message: `${message}.` });
  }
}
