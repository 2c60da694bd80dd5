import type { ChallengeRequest } from '../../issuance/challenge-requests.ts';
import { formatDuration } from '../../issuance/duration.ts';
import type { Phase } from '../../issuance/phase.ts';
import type { ScenarioReport } from '../report.ts';

/** The limits above which a phase counts as slower. Both must be exceeded. */
export interface SlownessLimits {
  /** Growth in percent of the earlier duration. */
  readonly thresholdPercent: number;
  /** Growth in milliseconds, because short phases vary by multiples of their duration. 1.5 times as much for `polledPhases`. */
  readonly floorMs: number;
}

/**
 * 1 s, which gives 1.5 s for polled phases. Repeated runs differ by less (docs/performance.md): `solver-ready` by up to 0.8 s,
 * `served` by up to 1.3 s, `validation` by the CA's Retry-After of 1 s if the evidence does not show the wait. A solver that is
 * scheduled 2 s late is ready at least 1.4 s later, because other work overlaps with the delay.
 */
export const defaultFloorMs = 1000;
export const defaultThresholdPercent = 25;

export interface PhaseChange {
  readonly scenario: string;
  readonly phase: string;
  readonly beforeMs: number;
  readonly afterMs: number;
  /** `afterMs` minus `beforeMs`: positive is slower. */
  readonly changeMs: number;
  /** In percent of the earlier duration; null if that was 0. */
  readonly changePercent: number | null;
  /** A note that explains the change, or null. */
  readonly why: string | null;
}

export interface PhaseComparison {
  readonly slower: readonly PhaseChange[];
  readonly faster: readonly PhaseChange[];
  /** Changes that follow from other changes or are smaller than a polling interval. They are never a regression. */
  readonly explained: readonly PhaseChange[];
  /** The phases that only one of the two runs has, one sentence each. */
  readonly notes: readonly string[];
}

const partsOfIssuance = ['order-created', 'solver-ready', 'route-live', 'self-check', 'validation', 'secret-written'];

/** Phases that are sums of other phases, the inner sum first. See the table at `phasesOf`. */
const partsOfSums: ReadonlyMap<string, readonly string[]> = new Map([
  ['certificate-ready', partsOfIssuance],
  ['total', [...partsOfIssuance, 'served']],
]);

/** Phases whose end is found by polling, and the sums that contain them. They vary more than other phases. */
const polledPhases: ReadonlySet<string> = new Set(['route-live', 'validation', 'served', 'certificate-ready', 'total']);

const polledFloorFactor = 1.5;

/** The maximum distance between the end of a wait and the moment that it led to, in milliseconds. Two recorders saw them. */
const sameMomentMs = 250;

/**
 * Compares the phases that both runs of a scenario show.
 *
 * A phase is slower when it grew by more than both limits. There are three exceptions:
 *
 * - The end of `route-live` is found by polling: cert-manager repeats a failed self-check after 10 s. The route came up between
 *   the last failure and the first 200. One run is slower only if these two intervals are further apart than the limits. A
 *   difference of one polling interval is `explained`.
 * - `validation` ends with a wait: the CA has its answer, and cert-manager polls again after the CA's Retry-After. The wait
 *   depends on the CA's settings and on chance, so only the work before it is compared.
 * - `certificate-ready` and `total` are sums. Changes that their parts account for are `explained`. A sum is slower only by
 *   time that passed in none of its parts.
 */
export function comparePhases(before: ScenarioReport, after: ScenarioReport, chosen: SlownessLimits): PhaseComparison {
  const slower: PhaseChange[] = [];
  const faster: PhaseChange[] = [];
  const explained: PhaseChange[] = [];
  let restGrowthMs = 0;

  for (const { name } of before.phases) {
    const beforeMs = durationOf(before, name);
    const afterMs = durationOf(after, name);
    if (beforeMs === null || afterMs === null) continue;
    const limits = polledPhases.has(name) ? { ...chosen, floorMs: chosen.floorMs * polledFloorFactor } : chosen;
    const change = (why: string | null) => phaseChange(before.id, name, beforeMs, afterMs, why);
    const moved = exceeds(Math.abs(afterMs - beforeMs), beforeMs, limits);
    const parts = partsOfSums.get(name);
    if (parts !== undefined) {
      const rest = restOf(before, after, name, parts);
      const growthMs = rest.afterMs - rest.beforeMs;
      // The outer sum contains the growth of the inner one.
      if (exceeds(growthMs - restGrowthMs, rest.beforeMs, limits)) {
        restGrowthMs = growthMs;
        slower.push(change(`${formatDuration(growthMs)} of it is in none of the phases it contains`));
      } else if (Math.abs(afterMs - beforeMs) > limits.floorMs)
        explained.push(change('follows from the phases it contains'));
    } else if (moved) {
      const waitBeforeMs = waitAtEnd(before, name, beforeMs);
      const waitAfterMs = waitAtEnd(after, name, afterMs);
      // For a polled phase, only the growth beyond the polling interval counts; for a phase that ends with a wait, the time before it.
      const isPolled = name === 'route-live';
      const slowerByMs = afterMs - waitAfterMs - (isPolled ? beforeMs : beforeMs - waitBeforeMs);
      const fasterByMs = beforeMs - waitBeforeMs - (isPolled ? afterMs : afterMs - waitAfterMs);
      const ofMs = isPolled ? beforeMs : beforeMs - waitBeforeMs;
      if (exceeds(slowerByMs, ofMs, limits)) slower.push(change(noteOf(after, name)));
      else if (exceeds(fasterByMs, ofMs, limits)) faster.push(change(noteOf(after, name)));
      else if (isPolled)
        explained.push(change("the difference is within the pause between two of cert-manager's self-checks"));
      else explained.push(change('cert-manager waited for a different time before it polled the CA again'));
    }
  }
  return { slower, faster, explained, notes: phasesOfOneRun(before, after) };
}

function exceeds(changeMs: number, ofMs: number, { thresholdPercent, floorMs }: SlownessLimits): boolean {
  return changeMs > floorMs && changeMs > (ofMs * thresholdPercent) / 100;
}

/** The time of a sum that is in none of its parts; 0 if the two runs do not have the same parts. */
function restOf(
  before: ScenarioReport,
  after: ScenarioReport,
  sum: string,
  parts: readonly string[],
): { beforeMs: number; afterMs: number } {
  if (parts.some((part) => (durationOf(before, part) === null) !== (durationOf(after, part) === null))) {
    return { beforeMs: 0, afterMs: 0 };
  }
  // If an end was seen late, parts overlap; the rest is then not negative but 0.
  const rest = (scenario: ScenarioReport) =>
    Math.max(
      0,
      parts.reduce((ms, part) => ms - (durationOf(scenario, part) ?? 0), durationOf(scenario, sum) ?? 0),
    );
  return { beforeMs: rest(before), afterMs: rest(after) };
}

/** The timeline events that end the phases whose end cert-manager finds by polling. */
const endsOfPolledPhases: ReadonlyMap<string, string> = new Map([
  ['route-live', 'route-live'],
  ['validation', 'challenge-ended'],
]);

/** How long cert-manager only waited at the end of a phase, in milliseconds; at most the phase's duration. */
function waitAtEnd({ timeline, challengeRequests }: ScenarioReport, name: string, durationMs: number): number {
  const ends = timeline.events
    .filter((event) => event.name === endsOfPolledPhases.get(name))
    .map(({ at }) => Date.parse(at));
  const gap = timeline.gaps.find(({ at, durationMs: ms }) =>
    ends.some((end) => Math.abs(Date.parse(at) + ms - end) <= sameMomentMs),
  );
  const waited = gap?.durationMs ?? (name === 'route-live' ? sinceFailedSelfCheck(challengeRequests) : 0);
  return Math.min(waited, durationMs);
}

/** Milliseconds from the last failed self-check to the first request answered 200; 0 if that request is not the next self-check. */
function sinceFailedSelfCheck(requests: readonly ChallengeRequest[]): number {
  const first = requests.findIndex(({ status }) => status === 200);
  const live = requests[first];
  const failed = requests.slice(0, Math.max(0, first)).findLast(({ by }) => by === 'self-check');
  if (live?.by !== 'self-check' || failed === undefined) return 0;
  return Date.parse(live.at) - Date.parse(failed.at);
}

function phasesOfOneRun(before: ScenarioReport, after: ScenarioReport): string[] {
  const only = (one: readonly Phase[], other: readonly Phase[]) =>
    one.map(({ name }) => name).filter((name) => other.every((phase) => phase.name !== name));
  const gone = only(before.phases, after.phases);
  const come = only(after.phases, before.phases);
  return [
    ...(gone.length === 0 ? [] : [`${before.id} no longer has the phases ${gone.join(', ')}.`]),
    ...(come.length === 0 ? [] : [`${before.id} has the new phases ${come.join(', ')}.`]),
  ];
}

function phaseChange(
  scenario: string,
  phase: string,
  beforeMs: number,
  afterMs: number,
  why: string | null,
): PhaseChange {
  const changeMs = afterMs - beforeMs;
  return {
    scenario,
    phase,
    beforeMs,
    afterMs,
    changeMs,
    changePercent: beforeMs === 0 ? null : (changeMs / beforeMs) * 100,
    why,
  };
}

function durationOf({ phases }: ScenarioReport, name: string): number | null {
  return phases.find((phase) => phase.name === name)?.durationMs ?? null;
}

function noteOf({ phases }: ScenarioReport, name: string): string | null {
  return phases.find((phase) => phase.name === name)?.note ?? null;
}
