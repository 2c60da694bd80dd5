import { describe, expect, test } from 'vitest';
import type { ScenarioReport } from '../report.ts';
import { exampleScenario } from '../testing/example-report.ts';
import { comparePhases, defaultFloorMs, defaultThresholdPercent } from './compare-phases.ts';

const limits = { thresholdPercent: defaultThresholdPercent, floorMs: defaultFloorMs };

/** As measured, see docs/performance.md. */
const usual = {
  'account-registered': 100,
  'order-created': 150,
  'solver-ready': 1_800,
  'route-live': 9_300,
  'self-check': 8_000,
  validation: 1_000,
  'secret-written': 200,
  served: 500,
};

/** A scenario with these phases and, unless they are given too, the sums that they make. */
function scenario(changes: Record<string, number> = {}, others: Partial<ScenarioReport> = {}): ScenarioReport {
  const parts = { ...usual, ...changes };
  const ready =
    parts['order-created'] +
    parts['solver-ready'] +
    parts['route-live'] +
    parts['self-check'] +
    parts.validation +
    parts['secret-written'];
  const all = { ...parts, 'certificate-ready': ready, total: ready + parts.served, ...changes };
  const phases = Object.entries(all).map(([name, durationMs]) => ({ name, durationMs }));
  return exampleScenario({ phases, ...others });
}

function namesOf(comparison: ReturnType<typeof comparePhases>) {
  const names = (changes: readonly { phase: string }[]) => changes.map(({ phase }) => phase);
  return {
    slower: names(comparison.slower),
    faster: names(comparison.faster),
    explained: names(comparison.explained),
  };
}

test('a run compared with itself has not changed', () => {
  expect(namesOf(comparePhases(scenario(), scenario(), limits))).toEqual({ slower: [], faster: [], explained: [] });
});

test('normal variation between runs is not a change', () => {
  const low = scenario({
    'account-registered': 64,
    'order-created': 121,
    'solver-ready': 947,
    validation: 10,
    served: 654,
  });
  const high = scenario({
    'account-registered': 111,
    'order-created': 426,
    'solver-ready': 1_731,
    validation: 1_020,
    served: 1_939,
  });
  expect(namesOf(comparePhases(low, high, limits))).toMatchObject({ slower: [], faster: [] });
  expect(namesOf(comparePhases(high, low, limits))).toMatchObject({ slower: [], faster: [] });
});

describe('a delay of 2 s', () => {
  test.each(['solver-ready', 'validation', 'secret-written', 'served'])('in %s shows that phase alone', (phase) => {
    const delayed = scenario({ [phase]: (usual[phase as keyof typeof usual] ?? 0) + 2_000 });
    const compared = comparePhases(scenario(), delayed, limits);
    expect(namesOf(compared)).toMatchObject({ slower: [phase], faster: [] });
    expect(compared.explained.map(({ phase: name, why }) => [name, why])).toEqual(
      [...(phase === 'served' ? [] : ['certificate-ready']), 'total'].map((name) => [
        name,
        'follows from the phases it contains',
      ]),
    );
    expect(namesOf(comparePhases(delayed, scenario(), limits)).faster).toEqual([phase]);
  });

  test('of the scheduling shows the solver, although it is ready less than 2 s later', () => {
    const [usually, delayed] = [1_347, 2_742].map((ms) => scenario({ 'solver-ready': ms }));
    if (usually === undefined || delayed === undefined) throw new Error('there are two');
    expect(namesOf(comparePhases(usually, delayed, limits)).slower).toEqual(['solver-ready']);
  });

  test('in every answer of the solver shows the self-checks, which are five', () => {
    expect(namesOf(comparePhases(scenario(), scenario({ 'self-check': 18_000 }), limits)).slower).toEqual([
      'self-check',
    ]);
  });

  test('between the phases shows the inner sum alone', () => {
    const delayed = scenario({ 'certificate-ready': 22_450, total: 22_950 });
    const compared = comparePhases(scenario(), delayed, limits);
    expect(namesOf(compared)).toEqual({ slower: ['certificate-ready'], faster: [], explained: ['total'] });
    expect(compared.slower[0]?.why).toBe('2.0 s of it is in none of the phases it contains');
  });
});

describe('the route, which self-checks look for every 10 s', () => {
  const at = (ms: number) => new Date(Date.parse('2026-11-24T09:00:00.000Z') + ms).toISOString();
  const [request] = exampleScenario().challengeRequests;
  const [event] = exampleScenario().timeline.events;

  /** The solver was ready at 2 s; the first self-check came at 0.3 s, and this many failed. */
  function polled(failures: number, shown: 'by gaps' | 'by requests'): ScenarioReport {
    const checks = Array.from({ length: failures + 1 }, (_, index) => 2_000 + index * 10_000);
    const live = checks.at(-1) ?? 0;
    if (request === undefined || event === undefined) throw new Error('the example has both');
    return scenario(
      { 'route-live': live - 1_700 },
      {
        timeline: {
          clocks: [],
          events: [{ ...event, name: 'route-live', at: at(live) }],
          gaps:
            shown === 'by requests'
              ? []
              : checks.slice(1).map((next) => ({ at: at(next - 9_995), durationMs: 9_995, why: 'repeats after 10 s' })),
        },
        challengeRequests: checks
          .map((ms) => ({ ...request, at: at(ms), by: 'self-check' as const, status: ms === live ? 200 : 404 }))
          .filter(({ status }) => shown === 'by requests' || status === 200),
      },
    );
  }

  test.each(['by gaps', 'by requests'] as const)('one failure more or less is not a change, %s', (shown) => {
    for (const failures of [0, 1, 2]) {
      const [fewer, more] = [polled(failures, shown), polled(failures + 1, shown)];
      for (const compared of [comparePhases(fewer, more, limits), comparePhases(more, fewer, limits)]) {
        expect(namesOf(compared)).toEqual({
          slower: [],
          faster: [],
          explained: ['route-live', 'certificate-ready', 'total'],
        });
        expect(compared.explained[0]?.why).toMatch(/the pause between two of cert-manager's self-checks/);
      }
    }
  });

  test('a delay of the solver that the next self-check makes up for shows the solver alone', () => {
    const [usually, delayed] = [1_800, 3_800].map((ready) => ({
      ...polled(1, 'by gaps'),
      phases: scenario({ 'solver-ready': ready, 'route-live': 11_100 - ready }).phases,
    }));
    if (usually === undefined || delayed === undefined) throw new Error('there are two');
    expect(namesOf(comparePhases(usually, delayed, limits))).toMatchObject({ slower: ['solver-ready'], faster: [] });
    expect(namesOf(comparePhases(delayed, usually, limits))).toEqual({
      slower: [],
      faster: ['solver-ready'],
      explained: ['route-live'],
    });
  });

  test.each(['by gaps', 'by requests'] as const)('two additional failures are a slower route, %s', (shown) => {
    expect(namesOf(comparePhases(polled(1, shown), polled(3, shown), limits)).slower).toEqual(['route-live']);
    expect(namesOf(comparePhases(polled(3, shown), polled(1, shown), limits)).faster).toEqual(['route-live']);
  });
});

describe('the validation, which ends with a wait for the CA', () => {
  const end = Date.parse('2026-11-24T09:00:30.000Z');

  /** The solver took `workMs` to answer, and cert-manager asked again after `waitMs`. */
  function validated(workMs: number, waitMs: number): ScenarioReport {
    const [event] = exampleScenario().timeline.events;
    if (event === undefined) throw new Error('the example has events');
    const ended = { ...event, name: 'challenge-ended', at: new Date(end).toISOString() };
    const gap = { at: new Date(end - waitMs).toISOString(), durationMs: waitMs, why: 'Retry-After' };
    return scenario({ validation: workMs + waitMs }, { timeline: { clocks: [], events: [ended], gaps: [gap] } });
  }

  test('a longer wait is not a slower validation', () => {
    const compared = comparePhases(validated(10, 600), validated(10, 3_000), limits);
    expect(namesOf(compared)).toEqual({
      slower: [],
      faster: [],
      explained: ['validation', 'certificate-ready', 'total'],
    });
  });

  test('a solver that answers 2 s later is a slower validation', () => {
    expect(namesOf(comparePhases(validated(10, 990), validated(2_010, 990), limits)).slower).toEqual(['validation']);
  });
});

test('both limits must be exceeded', () => {
  const slowed = scenario({ 'self-check': 9_700 });
  expect(namesOf(comparePhases(scenario(), slowed, limits)).slower).toEqual([]);
  expect(namesOf(comparePhases(scenario(), slowed, { ...limits, thresholdPercent: 20 })).slower).toEqual([
    'self-check',
  ]);
  expect(namesOf(comparePhases(scenario(), slowed, { thresholdPercent: 20, floorMs: 1_800 })).slower).toEqual([]);
});

test('a phase that only one run has is noted, and makes no sum slower', () => {
  const { validation: _, ...rest } = usual;
  const phases = Object.entries({ ...rest, total: 30_000 }).map(([name, durationMs]) => ({ name, durationMs }));
  const compared = comparePhases(scenario(), exampleScenario({ phases }), limits);
  expect(compared.notes).toEqual(['http01-ingress no longer has the phases validation, certificate-ready.']);
  expect(compared.slower).toEqual([]);
});
