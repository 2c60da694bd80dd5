import { z } from 'zod';
import { schemaProblem } from '../../schema-problem.ts';
import { UserError } from '../../user-error.ts';
import { readYaml } from '../../yaml-file.ts';
import { caChecks } from '../catalogue/catalogue.ts';
import type { CheckResult } from './conformance.ts';

const text = z.string().trim().min(1);

const expectationSchema = z.strictObject({
  checks: z.array(text).min(1),
  verdict: z.enum(['failed', 'warned']),
  reason: text,
  issue: text,
  expires: z.iso.date('it must be a date such as 2027-03-31'),
  // In YAML every value is read as text.
  sometimes: z.enum(['true', 'false']).optional(),
});

const expectationsSchema = z.strictObject({ deviations: z.array(expectationSchema) });

/** One known departure of a CA from a requirement. */
export interface Expectation {
  readonly check: string;
  readonly verdict: 'failed' | 'warned';
  readonly reason: string;
  /** Where it is followed up: a URL or a number. */
  readonly issue: string;
  /** The last day on which it is expected, such as 2027-03-31, in UTC. */
  readonly expires: string;
  /** Whether it depends on chance, so that its absence is no change. */
  readonly sometimes: boolean;
}

/** What differs from the expectations. */
export interface UnexpectedVerdict {
  readonly check: string;
  readonly expected: 'passed' | Expectation['verdict'];
  readonly seen: 'passed' | Expectation['verdict'];
  readonly message: string;
}

/** The verdicts of a run against the expectations. */
export interface Gate {
  readonly result: 'unchanged' | 'changed';
  readonly changes: readonly UnexpectedVerdict[];
  /** Deviations that were expected and seen. */
  readonly known: readonly Expectation[];
  /** Deviations that this run did not judge. */
  readonly notJudged: readonly Expectation[];
}

const noun = 'expectations file';

/**
 * Reads an expectations file (YAML or JSON): the known deviations of a CA.
 *
 * @param today for tests
 * @throws UserError (2) in one sentence, where the file is malformed, names a check that does not exist or twice, or has expired
 */
export async function readExpectations(file: string, today = new Date()): Promise<readonly Expectation[]> {
  const { data, error } = expectationsSchema.safeParse((await readYaml(noun, file)) ?? {});
  const wrong = (problem: string) => new UserError(`Invalid ${noun} ${file}: ${problem}`);
  if (data === undefined) throw wrong(`${schemaProblem(error).replace(/^(must|has) /, 'it $1 ')}.`);
  const expectations = data.deviations.flatMap(({ checks, sometimes, ...rest }) =>
    checks.map((check) => ({ check, ...rest, sometimes: sometimes === 'true' })),
  );
  const seen = new Set<string>();
  for (const { check, verdict } of expectations) {
    const known = caChecks.find(({ id }) => id === check);
    if (known === undefined) throw wrong(`there is no check "${check}"; padlock ca --list lists all checks.`);
    if (seen.has(check)) throw wrong(`it names the check "${check}" twice.`);
    if (verdict === 'failed' && known.level !== 'MUST') {
      throw wrong(`"${check}" is a ${known.level}, which can only be warned, not failed.`);
    }
    seen.add(check);
  }
  const expired = expectations.filter(({ expires }) => Date.parse(`${expires}T23:59:59.999Z`) < today.getTime());
  const [first] = expired;
  if (first === undefined) return expectations;
  const more = expired.length === 1 ? '' : ` (and ${expired.length - 1} more)`;
  throw new UserError(
    `The ${noun} ${file} has expired: the deviation ${first.check}${more} was accepted until ${first.expires}. Fix the CA, or agree on a later date.`,
  );
}

/** Compares verdicts with the expectations. What was skipped is neither new nor gone. */
export function judgeExpectations(
  expectations: readonly Expectation[],
  results: readonly Pick<CheckResult, 'id' | 'verdict' | 'message'>[],
): Gate {
  const byCheck = new Map(expectations.map((one) => [one.check, one]));
  const judged = new Map(
    results.flatMap(({ id, verdict, message }) =>
      verdict === 'skipped' || verdict === 'not-claimed' ? [] : [[id, { seen: verdict, message }] as const],
    ),
  );
  const changes = [...judged].flatMap(([check, { seen, message }]): readonly UnexpectedVerdict[] => {
    const expectation = byCheck.get(check);
    const expected = expectation?.verdict ?? 'passed';
    const isChance = expectation?.sometimes === true && seen === 'passed';
    return expected === seen || isChance ? [] : [{ check, expected, seen, message }];
  });
  return {
    result: changes.length === 0 ? 'unchanged' : 'changed',
    changes,
    known: expectations.filter(({ check, verdict }) => judged.get(check)?.seen === verdict),
    notJudged: expectations.filter(({ check }) => !judged.has(check)),
  };
}

/** A change in one sentence. */
export function changeInWords({ check, expected, seen, message }: UnexpectedVerdict): string {
  if (seen === 'passed') return `${check} was expected to be ${expected} and passed: remove it from the expectations.`;
  if (expected === 'passed') return `${check} is new and ${seen}: ${message}`;
  return `${check} was expected to be ${expected} and is ${seen}: ${message}`;
}

/**
 * An expectations file with the deviations of a report, for a start. The reasons are empty, and an empty reason is refused.
 *
 * @param expires such as 2027-03-31
 */
export function expectationsOf(results: readonly Pick<CheckResult, 'id' | 'verdict' | 'message'>[], expires: string) {
  const entries = results
    .filter(({ verdict }) => verdict === 'failed' || verdict === 'warned')
    .map(
      ({ id, verdict, message }) =>
        `  # ${message.replaceAll(/\s+/g, ' ')}\n  - checks: [${id}]\n    verdict: ${verdict}\n    reason: ''\n    issue: ''\n    expires: ${expires}\n`,
    );
  return entries.length === 0 ? 'deviations: []\n' : `deviations:\n${entries.join('')}`;
}
