import path from 'node:path';
import { isSignedBy, parseEnvelope } from './envelope.ts';
import type { Finding } from './finding.ts';
import { attestationName, findFile } from './report-files.ts';
import type { TestResult } from './statement.ts';
import { checkStatement } from './statement-check.ts';
import type { VerificationKey } from './verification-key.ts';

/** The outcome of checking an attestation. */
export interface AttestationCheck {
  /** `unchecked` if no key was given. */
  readonly signature: 'valid' | 'invalid' | 'unchecked';
  /** What does not hold. */
  readonly findings: readonly Finding[];
  /** Remarks for the reader, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Checks the attestation next to a report: whether the key signed it, and whether it matches the report.
 *
 * @param key null to compare the statement only
 * @throws UserError (2) when the file is not an attestation
 */
export async function checkAttestation(
  folder: string,
  key: VerificationKey | null,
  expected: TestResult,
  digests: ReadonlyMap<string, string>,
): Promise<AttestationCheck> {
  const invalid = (message: string) =>
    ({ signature: 'invalid', findings: [{ about: 'signature', message }], notes: [] }) as const;
  const file = path.join(folder, attestationName);
  const found = await findFile(folder, attestationName);
  if ('missing' in found) {
    if (key !== null) return invalid(`There is no signature: ${file} cannot be read: ${found.missing}.`);
    return { signature: 'unchecked', findings: [], notes: ['No signature was checked: the report has none.'] };
  }
  const envelope = parseEnvelope(file, found.bytes);
  if (key === null) {
    return {
      signature: 'unchecked',
      findings: checkStatement(envelope, expected, digests),
      notes: [`No signature was checked. Pass --key to check the one in ${attestationName}.`],
    };
  }
  if (!isSignedBy(envelope, key)) {
    const claimed = envelope.signatures.some(({ keyid }) => keyid === key.keyId);
    return invalid(
      claimed
        ? `The signature in ${attestationName} is invalid: it claims the key ${key.keyId}, but the signed content was changed or another key signed it.`
        : `The signature in ${attestationName} was not made with the given key (${key.keyId}).`,
    );
  }
  return { signature: 'valid', findings: checkStatement(envelope, expected, digests), notes: [] };
}
