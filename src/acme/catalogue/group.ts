import type { Deviation } from '../deviations/deviation.ts';
import type { CaCheck } from './check.ts';
import type { CaFeature } from './features.ts';
import type { LaneName } from './lane-plan.ts';

/** A check as the file of its group has it. The group adds its number. */
export type GroupCheck = Omit<CaCheck, 'group' | 'feature'> & {
  /** Its feature where that is not the feature of the group. */
  readonly feature?: CaFeature;
  /** Its lane where that is not the lane of the group. */
  readonly runs?: LaneName;
};

/** A group of the catalogue: the checks of one subject, and the deviations that turn them red. */
export interface CheckGroup {
  readonly number: number;
  readonly title: string;
  /** What no check of the group looks at, and why; null if nothing is missing. */
  readonly missing: string | null;
  /** In the order of the file. */
  readonly checks: readonly CaCheck[];
  readonly deviations: readonly Deviation[];
  /** The checks that no deviation turns red, as what they look at does not pass through the CA's answers. */
  readonly provenByUnitTest: readonly string[];
  /** Those of its checks that run in a lane. */
  readonly checksIn: (lane: LaneName) => readonly CaCheck[];
}

export interface GroupParts {
  /** The lane in which its checks run, see lane-plan.ts. */
  readonly runs: LaneName;
  /** What no check looks at, and why. */
  readonly missing?: string;
  /** What a CA may leave out, and with it the checks of the group. */
  readonly feature?: CaFeature;
  readonly checks: readonly GroupCheck[];
  /** What a CA can do wrong here: each check must have been seen failing. */
  readonly deviations: readonly Deviation[];
  /** The ids of checks that look at what only a responder sees: the unit test beside the group shows them failing. */
  readonly provenByUnitTest?: readonly string[];
}

/** Makes a group. Its file is named for its number and title. */
export function group(number: number, title: string, parts: GroupParts): CheckGroup {
  const placed = parts.checks.map(({ runs: lane = parts.runs, feature = parts.feature ?? null, ...check }) => ({
    lane,
    check: { ...check, feature, group: number },
  }));
  return {
    number,
    title,
    missing: parts.missing ?? null,
    checks: placed.map(({ check }) => check),
    deviations: parts.deviations,
    provenByUnitTest: parts.provenByUnitTest ?? [],
    checksIn: (wanted) => placed.filter(({ lane }) => lane === wanted).map(({ check }) => check),
  };
}
