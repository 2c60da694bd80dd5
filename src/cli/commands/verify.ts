import { access } from 'node:fs/promises';
import path from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { allScenarios } from '../../../suites/index.ts';
import {
  loadVerificationKey,
  type Verification,
  type VerificationKey,
  verifyConformance,
  verifyReport,
} from '../../attest/index.ts';
import { loadReportName } from '../../load/read-load.ts';
import { verifyLoad } from '../../load/verify-load.ts';
import { conformanceName } from '../../report/folder/read-conformance.ts';
import { reportFileOf } from '../../report/folder/read-report.ts';
import { UserError } from '../../user-error.ts';

interface VerifyOptions {
  /** File of a public key, or of what has one. */
  readonly key?: string;
  readonly json: boolean;
}

/**
 * `padlock verify DIR`: exit code 0 when the report is true to its evidence and, with a key, signed by it; 1 when something
 * does not hold; 2 when a file is not what it should be, so that no more can be said.
 *
 * @throws UserError (2), for a wrong key file, and a report or attestation that cannot be read
 */
export async function verify(location: string, { key: keyFile, json }: VerifyOptions): Promise<number> {
  const key = keyFile === undefined ? null : await loadVerificationKey(keyFile);
  const conformance = path.basename(location) === conformanceName ? location : path.join(location, conformanceName);
  if (await isThere(conformance)) return verifyConformanceReport(conformance, key, json);
  const load = path.basename(location) === loadReportName ? location : path.join(location, loadReportName);
  if (await isThere(load)) return verifyLoadReport(load, keyFile, json);
  const file = await reportFileOf(location);
  if (path.basename(file) !== 'report.json') {
    throw new UserError(`The report folder ${location} does not exist. Name a folder with a report.json.`);
  }
  const verification = await verifyReport({
    folder: path.dirname(file),
    key,
    padlockVersion: packageJson.version,
    checksOf: (id) => allScenarios.find((scenario) => scenario.id === id)?.checks.map((check) => check.id) ?? null,
  });
  const { findings, malformed } = verification;
  const holds = findings.length === 0 && malformed.length === 0;
  if (json) process.stdout.write(`${JSON.stringify(asJson(file, holds, key, verification), null, 2)}\n`);
  else process.stdout.write(asText(file, holds, key, verification));
  if (malformed.length > 0) return 2;
  return findings.length > 0 ? 1 : 0;
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** What `padlock ca` wrote. */
async function verifyConformanceReport(file: string, key: VerificationKey | null, json: boolean): Promise<number> {
  const { signature, findings, notes } = await verifyConformance(path.dirname(file), key);
  const holds = findings.length === 0;
  const verification = { signature, findings, malformed: [], notes, scenarios: [] };
  if (json) process.stdout.write(`${JSON.stringify(asJson(file, holds, key, verification), null, 2)}\n`);
  else {
    const lines = [
      ...findings.map(({ about, message }) => `✗ ${about}: ${message}`),
      ...(signature === 'valid' && key !== null ? [`✓ signed by the key ${key.keyId} (${key.scheme})`] : []),
      ...notes,
      holds ? `The report ${file} is verified.` : `The report ${file} failed verification.`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  return holds ? 0 : 1;
}

/** What `padlock load` wrote. @throws UserError (2) where a signature is asked for: it has none */
async function verifyLoadReport(file: string, keyFile: string | undefined, json: boolean): Promise<number> {
  if (keyFile !== undefined)
    throw new UserError(`${file} is the report of a load, which is not signed: verify it without --key.`);
  const { findings, notes } = await verifyLoad(path.dirname(file));
  const holds = findings.length === 0;
  if (json) {
    const verification: Verification = {
      signature: 'unchecked',
      findings: findings.map((message) => ({ about: 'verdict', message })),
      ...{ malformed: [], notes, scenarios: [] },
    };
    process.stdout.write(`${JSON.stringify(asJson(file, holds, null, verification), null, 2)}\n`);
  } else {
    const last = holds
      ? `The report ${file} follows from what was recorded.`
      : `The report ${file} failed verification.`;
    process.stdout.write(`${[...findings.map((message) => `✗ ${message}`), ...notes, last].join('\n')}\n`);
  }
  return holds ? 0 : 1;
}

function asJson(file: string, holds: boolean, key: VerificationKey | null, verification: Verification) {
  const { signature, ...rest } = verification;
  return {
    report: file,
    holds,
    signature: { state: signature, keyId: key?.keyId ?? null, scheme: key?.scheme ?? null },
    ...rest,
  };
}

function asText(file: string, holds: boolean, key: VerificationKey | null, verification: Verification): string {
  const { findings, malformed, notes, scenarios, signature } = verification;
  const judged = scenarios.flatMap(({ checks }) => checks);
  const same = judged.filter((check) => check.reported === check.judged).length;
  const lines = [
    ...findings.map(({ about, message }) => `✗ ${about}: ${message}`),
    ...malformed.map((message) => `✗ ${message}`),
    ...(signature === 'valid' && key !== null ? [`✓ signed by the key ${key.keyId} (${key.scheme})`] : []),
    `${same === judged.length ? '✓' : '✗'} ${same} of ${judged.length} verdicts are the same when the evidence is judged again`,
    ...notes,
    holds ? `The report ${file} matches its evidence.` : `The report ${file} failed verification.`,
  ];
  return `${lines.join('\n')}\n`;
}
