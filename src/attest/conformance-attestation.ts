import path from 'node:path';
import type { Conformance } from '../acme/runner/conformance.ts';
import { fileErrorReason } from '../file-error.ts';
import { conformanceName, parseConformance } from '../report/folder/read-conformance.ts';
import { writeFileAtomically } from '../report/folder/write-file-atomically.ts';
import { UserError } from '../user-error.ts';
import { type AttestationCheck, checkAttestation } from './attestation-check.ts';
import { sealEnvelope } from './envelope.ts';
import type { Finding } from './finding.ts';
import { attestationName, findFile } from './report-files.ts';
import type { SigningKey } from './signing-key.ts';
import { predicateType, type Statement, statementType, type TestResult } from './statement.ts';
import type { VerificationKey } from './verification-key.ts';

/** Signs what `padlock ca` found: the subject is `conformance.json`. @returns the path of the attestation @throws UserError (2) */
export async function attestConformance(folder: string, key: SigningKey): Promise<string> {
  const { conformance, sha256 } = await readConformance(folder);
  const statement: Statement = {
    _type: statementType,
    subject: [{ name: conformanceName, digest: { sha256 } }],
    predicateType,
    predicate: conformanceResult(conformance),
  };
  const file = path.join(folder, attestationName);
  try {
    await writeFileAtomically(file, sealEnvelope(Buffer.from(JSON.stringify(statement)), key));
  } catch (cause) {
    throw new UserError(`Cannot write the attestation ${file}: ${fileErrorReason(cause)}.`, { cause });
  }
  return file;
}

/**
 * Checks whether a conformance report is the one that was signed, and whether its result and counts follow from its checks.
 *
 * @throws UserError (2) if it cannot be read or has the wrong format
 */
export async function verifyConformance(folder: string, key: VerificationKey | null): Promise<AttestationCheck> {
  const { conformance, sha256 } = await readConformance(folder);
  const digests = new Map([[conformanceName, sha256]]);
  const { signature, findings, notes } = await checkAttestation(folder, key, conformanceResult(conformance), digests);
  return {
    signature,
    findings: [...findings, ...inconsistencies(conformance)],
    notes: [
      ...(key?.notes ?? []),
      ...notes,
      'Verdicts on a CA are not judged again, because the report contains its answers in shortened form.',
    ],
  };
}

/**
 * Checks whether a published result is the one that was signed.
 *
 * @param reportSha256 of the conformance.json that it was taken from
 */
export function verifyPublished(
  folder: string,
  result: SignedResult & { readonly reportSha256: string },
  key: VerificationKey,
): Promise<AttestationCheck> {
  return checkAttestation(folder, key, conformanceResult(result), new Map([[conformanceName, result.reportSha256]]));
}

/** What an attestation says of a report. */
type SignedResult = Pick<Conformance, 'checks' | 'options' | 'result' | 'server'>;

async function readConformance(
  folder: string,
): Promise<{ readonly conformance: Conformance; readonly sha256: string }> {
  const file = path.join(folder, conformanceName);
  const found = await findFile(folder, conformanceName);
  if ('missing' in found) throw new UserError(`Cannot read conformance report ${file}: ${found.missing}.`);
  return { conformance: parseConformance(file, found.bytes), sha256: found.sha256 };
}

/** A conformance report as the predicate test-result v0.1 has it. A test is named `<RFC>/<section>/<check>`. */
export function conformanceResult({ checks, options, result, server }: SignedResult): TestResult {
  const named = (...verdicts: readonly Conformance['checks'][number]['verdict'][]) =>
    checks
      .filter(({ verdict }) => verdicts.includes(verdict))
      .map(({ rfc, section, id }) => `rfc${rfc}/${section}/${id}`);
  return {
    result: result === 'passed' ? 'PASSED' : result === 'partial' ? 'WARNED' : 'FAILED',
    configuration: [
      {
        name: 'ca',
        uri: options.directory,
        annotations: { profile: options.profile, software: server.software ?? '' },
      },
    ],
    passedTests: named('passed'),
    warnedTests: named('warned', 'skipped', 'not-claimed'),
    failedTests: named('failed'),
  };
}

/** Counts and result that are not those of the checks. */
function inconsistencies({ checks, result, summary }: Conformance): readonly Finding[] {
  const said = [
    ['passed', summary.passed],
    ['failed', summary.failed],
    ['warned', summary.warned],
    ['skipped', summary.skipped],
    ['not-claimed', summary.notClaimed ?? 0],
  ] as const;
  const counts = said.flatMap(([verdict, counted]): readonly Finding[] => {
    const count = checks.filter((check) => check.verdict === verdict).length;
    if (count === counted) return [];
    return [{ about: 'verdict', message: `The summary counts ${counted} ${verdict}, but there are ${count}.` }];
  });
  const hasFailed = checks.some(({ verdict }) => verdict === 'failed');
  if (hasFailed === (result === 'failed')) return counts;
  const message = `The result is ${result}, but ${hasFailed ? 'a' : 'no'} check failed.`;
  return [...counts, { about: 'verdict', message }];
}
