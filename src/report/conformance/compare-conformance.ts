import type { CheckResult, Conformance } from '../../acme/runner/conformance.ts';
import { summaryLine } from '../../acme/runner/conformance-summary.ts';
import { code, plain } from '../markdown/markdown-text.ts';

/** A check with another verdict than before. */
export interface VerdictChange {
  readonly check: string;
  readonly level: CheckResult['level'];
  readonly before: CheckResult['verdict'] | 'missing';
  readonly after: CheckResult['verdict'] | 'missing';
  /** Of the second run; of the first if the check is missing in the second. */
  readonly message: string;
}

export interface ConformanceComparison {
  /** Something is violated that was not, or is no longer judged that was satisfied. */
  readonly regression: boolean;
  readonly before: ComparedRun;
  readonly after: ComparedRun;
  readonly newlyViolated: readonly VerdictChange[];
  readonly noLongerJudged: readonly VerdictChange[];
  readonly newlySatisfied: readonly VerdictChange[];
  readonly newlyJudged: readonly VerdictChange[];
  /** What else differs, a sentence each. */
  readonly notes: readonly string[];
}

export interface ComparedRun {
  readonly startedAt: string;
  readonly summary: string;
}

type Kind = 'satisfied' | 'violated' | 'not judged';

function kindOf(verdict: VerdictChange['before']): Kind {
  if (verdict === 'passed') return 'satisfied';
  return verdict === 'failed' || verdict === 'warned' ? 'violated' : 'not judged';
}

/** What changed from one run of `padlock ca` to another. A warning that became a failure is newly violated. */
export function compareConformance(before: Conformance, after: Conformance): ConformanceComparison {
  const changes = changesOf(before, after);
  const isWorse = (change: VerdictChange) => change.before === 'warned' && change.after === 'failed';
  const isBetter = (change: VerdictChange) => change.before === 'failed' && change.after === 'warned';
  const newlyViolated = changes.filter(
    (change) => isWorse(change) || (kindOf(change.before) !== 'violated' && kindOf(change.after) === 'violated'),
  );
  const noLongerJudged = changes.filter(
    (change) => kindOf(change.before) !== 'not judged' && kindOf(change.after) === 'not judged',
  );
  return {
    regression: newlyViolated.length > 0 || noLongerJudged.some((change) => change.before === 'passed'),
    before: runOf(before),
    after: runOf(after),
    newlyViolated,
    noLongerJudged,
    newlySatisfied: changes.filter(
      (change) => isBetter(change) || (kindOf(change.before) === 'violated' && change.after === 'passed'),
    ),
    newlyJudged: changes.filter((change) => kindOf(change.before) === 'not judged' && change.after === 'passed'),
    notes: notesOn(before, after),
  };
}

function changesOf(before: Conformance, after: Conformance): readonly VerdictChange[] {
  const then = new Map(before.checks.map((check) => [check.id, check]));
  const now = new Map(after.checks.map((check) => [check.id, check]));
  return [...new Set([...now.keys(), ...then.keys()])].flatMap((id) => {
    const [was, is] = [then.get(id), now.get(id)];
    const known = is ?? was;
    if (known === undefined || was?.verdict === is?.verdict) return [];
    const verdicts = { before: was?.verdict ?? ('missing' as const), after: is?.verdict ?? ('missing' as const) };
    return [{ check: id, level: known.level, ...verdicts, message: known.message }];
  });
}

function runOf(conformance: Conformance): ComparedRun {
  return { startedAt: conformance.startedAt, summary: summaryLine(conformance) };
}

function notesOn(before: Conformance, after: Conformance): readonly string[] {
  const facts: readonly (readonly [string, (conformance: Conformance) => string])[] = [
    ['The directory', ({ options }) => options.directory],
    ['The profile', ({ options }) => options.profile],
    ['The selection', ({ options }) => options.only.join(', ') || 'all sections'],
    ['The answered challenges', ({ options }) => options.answers.join(', ') || 'none'],
    ['The software', ({ server }) => server.software ?? 'not said'],
    ['The version of the CA', ({ declaration }) => declaration?.implementation.version ?? 'not declared'],
    ['The meta of the directory', ({ server }) => JSON.stringify(server.meta)],
    ['The version of Padlock', ({ padlockVersion }) => padlockVersion],
    ['The number of requests', ({ requests }) => String(requests)],
  ];
  return facts.flatMap(([what, of]) => {
    const [was, is] = [of(before), of(after)];
    return was === is ? [] : [`${what}: ${was} before, ${is} now.`];
  });
}

const messageLimit = 300;

/** A comparison as GitHub Flavored Markdown for a pull request: regressions first. */
export function conformanceComparisonMarkdown(comparison: ConformanceComparison): string {
  const { regression, before, after } = comparison;
  const counts = [
    [comparison.newlyViolated.length, 'newly violated'],
    [comparison.noLongerJudged.length, 'no longer judged'],
  ] as const;
  const said = counts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])).join(', ');
  const line = (change: VerdictChange) =>
    `- ${code(change.check)} (${change.level}): ${change.before} → ${change.after}. ${plain(change.message, messageLimit)}`;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines];
  return `${[
    `# ACME conformance: ${regression ? `❌ regression: ${said}` : '✅ no regression'}`,
    '',
    `- Before, ${before.startedAt}: ${plain(before.summary)}`,
    `- After, ${after.startedAt}: ${plain(after.summary)}`,
    ...section('❌ Newly violated', comparison.newlyViolated.map(line)),
    ...section('❌ No longer judged', comparison.noLongerJudged.map(line)),
    ...section('✅ No longer violated', comparison.newlySatisfied.map(line)),
    ...section('✅ Newly judged', comparison.newlyJudged.map(line)),
    ...section(
      'Notes',
      comparison.notes.map((note) => `- ${plain(note, messageLimit)}`),
    ),
  ].join('\n')}\n`;
}
