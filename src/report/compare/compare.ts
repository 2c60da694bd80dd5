import { UserError } from '../../user-error.ts';
import type { ReportResult } from '../overall-result.ts';
import type { CheckReport, Report, ReportComponent, ScenarioReport } from '../report.ts';
import {
  comparePhases,
  defaultFloorMs,
  defaultThresholdPercent,
  type PhaseChange,
  type SlownessLimits,
} from './compare-phases.ts';

/** A check or a whole scenario with a changed result. */
export interface ResultChange {
  /** Null for the run as a whole. */
  readonly scenario: string | null;
  /** Null for the scenario as a whole. */
  readonly check: string | null;
  readonly before: ComparedResult;
  readonly after: ComparedResult;
  /** What was seen in the run that is the matter, one sentence. */
  readonly message: string;
}

export type ComparedResult = CheckReport['result'] | 'error' | 'missing';

/** Something that is named in both reports, or in one, and is not the same. */
export interface Difference {
  readonly name: string;
  /** Null if it was absent. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface Comparison {
  /** Something newly fails, or got slower on an equivalent machine. */
  readonly regression: boolean;
  readonly limits: SlownessLimits;
  readonly before: ComparedRun;
  readonly after: ComparedRun;
  /** Includes checks that passed and are now skipped or missing. Always a regression. */
  readonly newlyFailing: readonly ResultChange[];
  readonly newlyPassing: readonly ResultChange[];
  /** A regression if `timesCompare`. */
  readonly slower: readonly PhaseChange[];
  readonly faster: readonly PhaseChange[];
  /** Changes of phases that follow from others, or that polling cannot tell from none. */
  readonly explained: readonly PhaseChange[];
  /** Of the run as a whole, as information: up, run and down, in milliseconds. */
  readonly timings: readonly { readonly name: string; readonly beforeMs: number; readonly afterMs: number }[];
  readonly components: readonly Difference[];
  readonly environment: readonly Difference[];
  /** Whether both runs took place on the same kind of environment and machine. */
  readonly timesCompare: boolean;
  /** What else differs, a sentence each. */
  readonly notes: readonly string[];
}

export interface ComparedRun {
  readonly startedAt: string;
  readonly result: ReportResult;
  readonly padlockVersion: string;
}

/**
 * What changed from one run to another: what newly fails or passes, what got slower or faster, and on what other parts.
 *
 * A regression is what passed and no longer does (failed, errored, skipped or missing), what is new and fails, and a phase
 * that got slower by more than both limits, see {@link comparePhases}. Where the environment's kind or the machine is
 * another, times do not compare: slower phases are named but are no regression.
 *
 * @throws UserError (2) when the reports are of different shards
 */
export function compareReports(before: Report, after: Report, limits: Partial<SlownessLimits> = {}): Comparison {
  refuseDifferentShards(before, after);
  const bothLimits = {
    thresholdPercent: limits.thresholdPercent ?? defaultThresholdPercent,
    floorMs: limits.floorMs ?? defaultFloorMs,
  };
  const changes = [...runChanges(before, after), ...scenarioChanges(before, after)];
  const newlyFailing = changes.filter(isRegression);
  const newlyPassing = changes.filter((change) => change.after === 'passed');
  const phases = before.scenarios.flatMap((scenario) => {
    const now = after.scenarios.find(({ id }) => id === scenario.id);
    return now === undefined ? [] : [comparePhases(scenario, now, bothLimits)];
  });
  const slower = phases.flatMap((each) => each.slower);
  const environment = environmentDifferences(before, after);
  const timesCompare = !environment.some(({ name }) => decisiveForTimes.has(name));
  return {
    regression: newlyFailing.length > 0 || (timesCompare && slower.length > 0),
    limits: bothLimits,
    before: runOf(before),
    after: runOf(after),
    newlyFailing,
    newlyPassing,
    slower,
    faster: phases.flatMap((each) => each.faster),
    explained: phases.flatMap((each) => each.explained),
    timings: timingsOfBoth(before, after),
    components: componentDifferences(before, after),
    environment,
    timesCompare,
    notes: [...otherNotes(before, after), ...phases.flatMap((each) => each.notes)],
  };
}

function refuseDifferentShards({ shard: before }: Report, { shard: after }: Report): void {
  const text = (shard: Report['shard']) => (shard === null ? 'a whole run' : `shard ${shard.index}/${shard.count}`);
  if (text(before) === text(after)) return;
  throw new UserError(
    `The first report covers ${text(before)} and the second ${text(after)}, so they cannot be compared. Merge the shards of each run with 'padlock merge' first.`,
  );
}

function runOf({ startedAt, result, padlock }: Report): ComparedRun {
  return { startedAt, result, padlockVersion: padlock.version };
}

/** The environment as a whole has a result only if it failed. */
function runChanges(before: Report, after: Report): ResultChange[] {
  const run = { scenario: null, check: null };
  if (before.error === undefined && after.error !== undefined) {
    return [{ ...run, before: 'passed', after: 'error', message: after.error.message }];
  }
  if (before.error !== undefined && after.error === undefined) {
    return [{ ...run, before: 'error', after: 'passed', message: 'The environment started.' }];
  }
  return [];
}

function scenarioChanges(before: Report, after: Report): ResultChange[] {
  const gone = before.scenarios.filter(({ id }) => !after.scenarios.some((scenario) => scenario.id === id));
  return [
    ...gone.map((scenario): ResultChange => {
      const message = 'The scenario is no longer in the report.';
      return { scenario: scenario.id, check: null, before: scenario.result, after: 'missing', message };
    }),
    ...after.scenarios.flatMap((scenario) =>
      changesOfScenario(
        before.scenarios.find(({ id }) => id === scenario.id),
        scenario,
      ),
    ),
  ];
}

function changesOfScenario(before: ScenarioReport | undefined, after: ScenarioReport): ResultChange[] {
  const whole = wholeScenarioChange(before, after);
  // A scenario that did not run has no checks; to name each would say the same again and again.
  if (after.checks.length === 0) return whole;
  const ids = new Set([...after.checks, ...(before?.checks ?? [])].map(({ id }) => id));
  const checks = [...ids].flatMap((id): ResultChange[] => {
    const then = before?.checks.find((check) => check.id === id);
    const now = after.checks.find((check) => check.id === id);
    const results = { before: then?.result ?? 'missing', after: now?.result ?? 'missing' } as const;
    if (results.before === results.after) return [];
    const message = now?.message ?? 'The check is no longer in the report.';
    return [{ scenario: after.id, check: id, ...results, message }];
  });
  return [...whole, ...checks];
}

/** What the checks do not say by themselves: that a scenario ended early, or did not run. */
function wholeScenarioChange(before: ScenarioReport | undefined, after: ScenarioReport): ResultChange[] {
  const then = before?.result ?? 'missing';
  const now = after.result;
  const speaks = now === 'error' || then === 'error' || after.checks.length === 0;
  if (then === now || !speaks) return [];
  const message =
    after.error?.message ?? (now === 'passed' ? 'The scenario ran to its end.' : 'The scenario did not run.');
  return [{ scenario: after.id, check: null, before: then, after: now, message }];
}

/** Newly failing; or it passed, and there is nothing any more that says so. */
function isRegression({ before, after }: ResultChange): boolean {
  const failsNow = after === 'failed' || after === 'error';
  const failedThen = before === 'failed' || before === 'error';
  return failsNow ? !failedThen : before === 'passed';
}

/** Whatever of the environment decides how long things take. */
const decisiveForTimes: ReadonlySet<string> = new Set(['kind', 'kernel', 'architecture', 'CPUs', 'memory']);

function environmentDifferences(before: Report, after: Report): Difference[] {
  const facts = ({ environment }: Report) => [
    ['kind', environment.kind],
    ['operating system', environment.os],
    ['kernel', environment.kernel],
    ['architecture', environment.arch],
    ['CPUs', String(environment.cpus)],
    // The memory of equal machines differs by what the firmware reserves.
    ['memory', `${Math.round(environment.memoryBytes / 1024 ** 3)} GiB`],
  ];
  return differences(facts(before), facts(after));
}

function componentDifferences(before: Report, after: Report): Difference[] {
  const facts = ({ padlock, environment, ca, components }: Report) => [
    ['padlock', padlock.version],
    ...(environment.kubernetesVersion === null ? [] : [['Kubernetes API server', environment.kubernetesVersion]]),
    ['Node.js', environment.nodeVersion],
    ...(ca === null ? [] : [['CA', [ca.software, ca.version].join(' ').trim()]]),
    ...components.map((component) => [component.name, versionOf(component)]),
  ];
  return differences(facts(before), facts(after));
}

function versionOf({ version, digest }: ReportComponent): string {
  return digest === null ? version : `${version} (${digest})`;
}

function differences(before: readonly string[][], after: readonly string[][]): Difference[] {
  const then = valuesByName(before);
  const now = valuesByName(after);
  return [...new Set([...then.keys(), ...now.keys()])]
    .map((name) => ({ name, before: then.get(name) ?? null, after: now.get(name) ?? null }))
    .filter((difference) => difference.before !== difference.after);
}

/** A name that occurs more than once, as that of an image in two versions, has all its values. */
function valuesByName(facts: readonly string[][]): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name = '', value = ''] of facts) {
    const known = values.get(name);
    values.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  return values;
}

function timingsOfBoth({ timings: before }: Report, { timings: after }: Report): Comparison['timings'] {
  const both = [
    ['up', before.upMs, after.upMs],
    ['run', before.runMs, after.runMs],
    ['down', before.downMs, after.downMs],
  ] as const;
  return both.flatMap(([name, beforeMs, afterMs]) =>
    beforeMs === null || afterMs === null ? [] : [{ name, beforeMs, afterMs }],
  );
}

function otherNotes(before: Report, after: Report): string[] {
  const skipped = after.skippedOnRequest.filter((part) => !before.skippedOnRequest.includes(part));
  const settingsOf = (report: Report) => Object.entries(report.ca?.settings ?? {});
  const ca = differences(settingsOf(before), settingsOf(after));
  const directory =
    before.ca !== null && after.ca !== null && before.ca.directoryUrl !== after.ca.directoryUrl
      ? [`The ACME directory was ${before.ca.directoryUrl} and is now ${after.ca.directoryUrl}.`]
      : [];
  return [
    ...(skipped.length === 0 ? [] : [`The second run skipped ${skipped.join(', ')} on request.`]),
    ...directory,
    ...ca.map((setting) => settingNote('The CA', setting)),
    ...before.scenarios.flatMap((scenario) => {
      const now = after.scenarios.find(({ id }) => id === scenario.id);
      if (now === undefined) return [];
      const changed = differences(Object.entries(scenario.settings), Object.entries(now.settings));
      return changed.map((setting) => settingNote(`Scenario ${scenario.id}`, setting));
    }),
  ];
}

function settingNote(whose: string, { name, before, after }: Difference): string {
  const text = (value: string | null) => (value === null ? 'not set' : value);
  return `${whose} has a changed setting: ${name} was ${text(before)} and is now ${text(after)}.`;
}
