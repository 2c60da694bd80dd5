/** The key word of a requirement; `statement` where the section says what a server does without one. */
export type RequirementLevel = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY' | 'statement';

/** One requirement on a server, in the words of the catalogue, with what judges it. */
export interface Requirement {
  /** `RFC 8555`, or the name of a draft. */
  readonly document: string;
  readonly section: string;
  readonly level: RequirementLevel;
  readonly requires: string;
  /** The ids of the checks that judge it; empty if none does. */
  readonly checks: readonly string[];
  /** Why no check judges it; null if one does. */
  readonly without: Without | null;
}

/** Why no check can judge a requirement. */
export interface Without {
  readonly because: string;
}

/** The checks that judge a requirement, or why none does. */
type Judged = readonly string[] | Without;

type Row = readonly [section: string, level: RequirementLevel, requires: string, judged: Judged];

/** Nothing that a client sees tells whether the requirement is met. */
export function cannot(because: string): Without {
  return { because };
}

/** The requirements of one document, in the order of its sections. */
export function requirementsOf(document: string, rows: readonly Row[]): readonly Requirement[] {
  return rows.map(([section, level, requires, judged]) => {
    const isJudged = Array.isArray(judged);
    return {
      ...{ document, section, level, requires },
      checks: isJudged ? (judged as readonly string[]) : [],
      without: isJudged ? null : (judged as Without),
    };
  });
}
