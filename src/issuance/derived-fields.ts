import { browserViewOf } from './browser-view.ts';
import { chainOf } from './chain.ts';
import { challengeRequestsOf } from './challenge-requests.ts';
import { phasesOf } from './phases.ts';
import type { IssuanceReading } from './reading.ts';
import { timelineOf } from './timeline.ts';

/**
 * The fields of a scenario's report that are pure functions of its evidence. The runner writes them into the report, and
 * `padlock verify` derives them again and compares. To add such a field is to add its line here.
 */
export function derivedFields(reading: IssuanceReading) {
  const { scenario, subject } = reading.recorded;
  return {
    id: scenario.id,
    title: scenario.title,
    host: subject.host,
    settings: { ...scenario.settings },
    startedAt: scenario.startedAt,
    durationMs: Date.parse(scenario.endedAt) - Date.parse(scenario.startedAt),
    phases: phasesOf(reading),
    timeline: timelineOf(reading),
    challengeRequests: challengeRequestsOf(reading),
    chain: chainOf(reading.recorded),
    browser: browserViewOf(reading.recorded),
  };
}
