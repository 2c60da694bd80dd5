import type { CheckResult, Conformance } from './conformance.ts';

/** The result of the checks of one level. */
export interface LevelCount {
  readonly level: CheckResult['level'];
  readonly kept: number;
  readonly notKept: number;
  readonly notJudged: number;
}

const levels = ['MUST', 'SHOULD', 'MAY'] as const;

/** The checks by level, without levels that have none. */
export function countsByLevel({ checks }: Pick<Conformance, 'checks'>): readonly LevelCount[] {
  return levels.flatMap((level) => {
    const own = checks.filter((check) => check.level === level);
    const count = (...verdicts: readonly CheckResult['verdict'][]) =>
      own.filter(({ verdict }) => verdicts.includes(verdict)).length;
    if (own.length === 0) return [];
    return [{ level, kept: count('passed'), notKept: count('failed', 'warned'), notJudged: count('skipped') }];
  });
}

/** A run in one line, as for a badge: `ACME standard: failed · MUST 70/77 · SHOULD 12/14 · 9 not judged`. */
export function summaryLine(conformance: Conformance): string {
  const counts = countsByLevel(conformance);
  const notJudged = counts.reduce((sum, count) => sum + count.notJudged, 0);
  return [
    `ACME ${conformance.options.profile}: ${conformance.result}`,
    ...counts.map(({ level, kept, notKept }) => `${level} ${kept}/${kept + notKept}`),
    ...(notJudged === 0 ? [] : [`${notJudged} not judged`]),
  ].join(' · ');
}

/** The checks by RFC and section, in order. */
export function bySection(checks: readonly CheckResult[]): readonly (readonly [string, readonly CheckResult[]])[] {
  const sections = Map.groupBy(checks, ({ rfc, section }) => `RFC ${rfc} section ${section}`);
  return [...sections].toSorted(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }));
}
