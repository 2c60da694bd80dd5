import type { CheckResult, Conformance } from './conformance.ts';

/** The result of the checks of one level. */
export interface LevelCount {
  readonly level: CheckResult['level'];
  readonly kept: number;
  readonly notKept: number;
  /** Without checks of features that the CA does not claim. */
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
  const notClaimed = conformance.checks.filter(({ verdict }) => verdict === 'not-claimed').length;
  return [
    `ACME ${conformance.options.profile}: ${conformance.result}`,
    ...counts.map(({ level, kept, notKept }) => `${level} ${kept}/${kept + notKept}`),
    ...(notJudged === 0 ? [] : [`${notJudged} not judged`]),
    ...(notClaimed === 0 ? [] : [`${notClaimed} not claimed`]),
  ].join(' · ');
}

/** The RFCs of ACME and of what it stands on, in the order of a report. Others come after them. */
const order = [8555, 8737, 8738, 8659, 8657, 9773, 9444];

function placeOf({ rfc }: CheckResult): number {
  const place = order.indexOf(rfc);
  return place < 0 ? order.length : place;
}

/** The checks by RFC and section: those of ACME first, each in order. */
export function bySection(checks: readonly CheckResult[]): readonly (readonly [string, readonly CheckResult[]])[] {
  const sections = Map.groupBy(checks, ({ rfc, section }) => `RFC ${rfc} section ${section}`);
  return [...sections].toSorted(([one, [first]], [other, [second]]) => {
    const places = first === undefined || second === undefined ? 0 : placeOf(first) - placeOf(second);
    return places === 0 ? one.localeCompare(other, 'en', { numeric: true }) : places;
  });
}
