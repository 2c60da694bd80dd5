import { isDeepStrictEqual } from 'node:util';
import type { Evidence } from '../evidence/evidence.ts';
import { browserViewOf } from '../issuance/browser-view.ts';
import { chainOf } from '../issuance/chain.ts';
import { challengeRequestsOf } from '../issuance/challenge-requests.ts';
import { phasesOf } from '../issuance/phases.ts';
import { timelineOf } from '../issuance/timeline.ts';
import type { ScenarioReport } from '../report/report.ts';
import { type Finding, quoted } from './finding.ts';

/**
 * The fields of a scenario's report that are pure functions of its evidence. They are derived again and compared; to add
 * one is to add its line.
 */
const derivations: {
  readonly [Field in keyof ScenarioReport]?: (evidence: Evidence, reported: ScenarioReport) => ScenarioReport[Field];
} = {
  id: ({ scenario }) => scenario.id,
  title: ({ scenario }) => scenario.title,
  host: ({ subject }) => subject.host,
  settings: ({ scenario }) => scenario.settings,
  startedAt: ({ scenario }) => scenario.startedAt,
  durationMs: ({ scenario }) => Date.parse(scenario.endedAt) - Date.parse(scenario.startedAt),
  phases: phasesOf,
  timeline: timelineOf,
  challengeRequests: challengeRequestsOf,
  chain: chainOf,
  browser: browserOf,
};

/** Where the picture is, and that there is one at all, is not for the evidence to say. */
function browserOf(evidence: Evidence, { browser }: ScenarioReport): ScenarioReport['browser'] {
  const view = browserViewOf(evidence);
  if (view === null || browser === null) return view;
  if (browser.screenshot === null) return { ...view, screenshot: null, screenshotSha256: browser.screenshotSha256 };
  return { ...view, screenshot: browser.screenshot };
}

/** What a scenario's report says that its evidence does not, a finding for each field. */
export function differencesFrom(evidence: Evidence, reported: ScenarioReport): Finding[] {
  return Object.entries(derivations).flatMap(([field, derive]): Finding[] => {
    const said = Object.entries(reported).find(([name]) => name === field)?.[1];
    const message = difference(field, said, () => derive(evidence, reported));
    return message === null ? [] : [{ about: 'derivation', message: `${reported.id}: ${message}` }];
  });
}

function difference(field: string, said: unknown, derive: () => unknown): string | null {
  try {
    const first = firstDifference(field, plain(said), plain(derive()));
    if (first === null) return null;
    return `the evidence does not give what the report says: ${first.path} is ${quoted(first.derived)} by the evidence, and the report says ${quoted(first.said)}.`;
  } catch (error) {
    return `${field} cannot be derived from the evidence: ${quoted(error instanceof Error ? error.message : error)}.`;
  }
}

/** As it would be read from a file: without members that are undefined. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

interface Difference {
  readonly path: string;
  readonly said: unknown;
  readonly derived: unknown;
}

function firstDifference(path: string, said: unknown, derived: unknown): Difference | null {
  if (isDeepStrictEqual(said, derived)) return null;
  if (!isContainer(said) || !isContainer(derived) || Array.isArray(said) !== Array.isArray(derived)) {
    return { path, said, derived };
  }
  const keys = new Set([...Object.keys(said), ...Object.keys(derived)]);
  for (const key of keys) {
    const inner = firstDifference(Array.isArray(said) ? `${path}[${key}]` : `${path}.${key}`, said[key], derived[key]);
    if (inner !== null) return inner;
  }
  return { path, said, derived };
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
