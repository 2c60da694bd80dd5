import path from 'node:path';
import { isSignedBy, parseEnvelope } from './envelope.ts';
import type { Finding } from './finding.ts';
import { attestationName, findFile } from './report-files.ts';
import type { TestResult } from './statement.ts';
import { checkStatement } from './statement-check.ts';
import type { VerificationKey } from './verification-key.ts';

/** What became of an attestation. */
export interface AttestationCheck {
  /** `unchecked` where no key was given. */
  readonly signature: 'valid' | 'invalid' | 'unchecked';
  /** What does not hold. */
  readonly findings: readonly Finding[];
  /** What to know beside, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Looks at the attestation beside a report: whether it is signed by the key, and says what the report says.
 *
 * @param key null to compare the statement only
 * @throws UserError (2) for an attestation that is none
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
    return { signature: 'unchecked', findings: [], notes: ['No signature was checked; there is none to be read.'] };
  }
  const envelope = parseEnvelope(file, found.bytes);
  if (key === null) {
    return {
      signature: 'unchecked',
      findings: checkStatement(envelope, expected, digests),
      notes: [`No signature was checked: with --key, the one in ${attestationName} is.`],
    };
  }
  if (!isSignedBy(envelope, key)) {
    const claimed = envelope.signatures.some(({ keyid }) => keyid === key.keyId);
    return invalid(
      claimed
        ? `The signature in ${attestationName} does not hold: it claims the key ${key.keyId}, and what it signs was changed, or another key signed.`
        : `The signature in ${attestationName} is not by the key given (${key.keyId}).`,
    );
  }
  return { signature: 'valid', findings: checkStatement(envelope, expected, digests), notes: [] };
}
