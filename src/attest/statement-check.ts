import { isDeepStrictEqual } from 'node:util';
import { type Envelope, statementPayloadType } from './envelope.ts';
import { type Finding, quoted } from './finding.ts';
import {
  predicateType,
  type Statement,
  type StatementSubject,
  statementSchema,
  statementType,
  type TestResult,
} from './statement.ts';

/**
 * Compares the statement of an envelope with the report next to it: the types, the exact set of files, and the test results
 * must match. Call it only if the envelope's signature is valid, or if none is required.
 *
 * @param expected what the report makes it
 * @param digests SHA-256 of `report.json` and of each file that it names, by name
 */
export function checkStatement(
  envelope: Envelope,
  expected: TestResult,
  digests: ReadonlyMap<string, string>,
): Finding[] {
  const findings: Finding[] = [];
  const complain = (message: string) => findings.push({ about: 'statement', message });
  if (envelope.payloadType !== statementPayloadType) {
    complain(`The attestation's payload type is ${quoted(envelope.payloadType)}, not ${statementPayloadType}.`);
    return findings;
  }
  const statement = parseStatement(envelope.payload);
  if (typeof statement === 'string') {
    complain(statement);
    return findings;
  }
  for (const message of differingSubjects(statement.subject, digests)) complain(message);
  for (const message of differingResults(statement, expected)) complain(message);
  return findings;
}

function parseStatement(payload: Buffer): Statement | string {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return "The attestation's payload is not JSON.";
  }
  const { data, error } = statementSchema.safeParse(document);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  const at = issue?.path[0];
  if (at === '_type' || at === 'predicateType') {
    const wanted = at === '_type' ? statementType : predicateType;
    const found = Object.entries(document ?? {}).find(([name]) => name === at)?.[1];
    return `The attestation's ${at} is ${quoted(found)}, not ${wanted}.`;
  }
  return `The attestation's payload is not an in-toto statement of a test result: at ${quoted(issue?.path.join('.'))}, ${issue?.message}.`;
}

function* differingSubjects(
  subjects: readonly StatementSubject[],
  digests: ReadonlyMap<string, string>,
): Generator<string> {
  const seen = new Set<string>();
  for (const { name, digest } of subjects) {
    if (seen.has(name)) yield `The attestation names ${quoted(name)} twice.`;
    seen.add(name);
    // Names are compared, never opened: one that leads out of the folder, such as ../x, is nothing but unknown.
    const found = digests.get(name);
    if (found === undefined) {
      yield `The attestation covers a file ${quoted(name)} that does not belong to this report or does not exist.`;
    } else if (found !== digest.sha256) {
      yield `The attestation covers another ${name}: with SHA-256 ${digest.sha256}, not ${found}.`;
    }
  }
  for (const name of digests.keys()) if (!seen.has(name)) yield `The attestation does not cover the file ${name}.`;
}

function* differingResults({ predicate }: Statement, expected: TestResult): Generator<string> {
  for (const field of ['result', 'passedTests', 'warnedTests', 'failedTests', 'configuration'] as const) {
    if (!isDeepStrictEqual(predicate[field], expected[field])) {
      yield `The attestation's ${field} is ${quoted(predicate[field])}, but the report gives ${quoted(expected[field])}.`;
    }
  }
}
